use keyward_tests::{Options, World};
use serde_json::json;

const PATHS: [&str; 2] =
    ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

#[tokio::test(flavor = "multi_thread")]
async fn discovery_leads_to_what_a_verifier_needs() {
    let world = World::with(Options::default().set("TOKEN_CLAIMS", "role")).await;

    for path in PATHS {
        let reply = world.get(path).await.expect(200);
        let found = reply.json();
        assert_eq!(reply.header("cache-control"), "public, max-age=300");
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(found["issuer"], world.url, "as in the tokens, and without a slash");
        let keys = found["jwks_uri"].as_str().unwrap().strip_prefix(&world.url).unwrap().to_owned();
        assert_eq!(world.get(&keys).await.expect(200).json()["keys"][0]["alg"], "EdDSA");
        let introspection = format!("{}/v1/tokens/introspect", world.url);
        assert_eq!(found["introspection_endpoint"], introspection);
        assert_eq!(found["id_token_signing_alg_values_supported"], json!(["EdDSA"]));
        for claim in ["sub", "sid", "amr", "role"] {
            assert!(
                found["claims_supported"].as_array().unwrap().contains(&json!(claim)),
                "{claim}"
            );
        }
        assert_eq!(found["grant_types_supported"], json!([]));
        for absent in ["authorization_endpoint", "token_endpoint"] {
            assert!(found.get(absent).is_none(), "there is no {absent}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_is_revalidated_by_its_tag() {
    let world = World::new().await;
    for path in PATHS {
        let tag = world.get(path).await.expect(200).header("etag").to_owned();
        let request = world.request(reqwest::Method::GET, path).header("if-none-match", &tag);
        assert_eq!(world.send(request).await.expect(304).text, "");
        world.post_as("x", path).await.expect(405);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_add_claims_about_the_account() {
    let options = Options::default().set("TOKEN_CLAIMS", "role, email_verified,locale");
    let world = World::with(options).await;
    let root = world.administrator("root").await;

    let (_, rest) = root.split_once('.').unwrap();
    let claims = rest.split_once('.').unwrap().0;
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims);
    let claims: serde_json::Value = serde_json::from_slice(&claims.unwrap()).unwrap();

    assert_eq!(claims["role"], "admin");
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["locale"], "en");
}
