use std::collections::HashSet;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use keyward_tests::{Options, World};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn published_keys_verify_an_access_token() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;

    let reply = world.get("/.well-known/jwks.json").await.expect(200);

    let keys: JwkSet = serde_json::from_str(&reply.text).unwrap();
    let header = decode_header(&tokens.access).unwrap();
    assert_eq!((header.alg, header.typ.as_deref()), (Algorithm::EdDSA, Some("at+jwt")));
    let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_audience(&[world.name()]);
    rules.set_issuer(&[&world.url]);
    let claims = decode::<Value>(&tokens.access, &key, &rules).unwrap().claims;
    assert_eq!(claims["sub"], world.user_id(&ada.email).await.to_string());
    assert_eq!(claims["sid"], tokens.session_id.to_string());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    let names: HashSet<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        HashSet::from(["amr", "aud", "auth_time", "exp", "iat", "iss", "jti", "sid", "sub"])
    );
    assert_eq!(reply.header("cache-control"), "public, max-age=300");
}

#[tokio::test(flavor = "multi_thread")]
async fn rotation_publishes_both_public_keys_and_no_secret() {
    let seeds = [keyward_stack::secret::key().unwrap(), keyward_stack::secret::key().unwrap()];
    let world = World::with(Options::default().set("SIGNING_KEYS", seeds.join(","))).await;

    let reply = world.get("/.well-known/jwks.json").await.expect(200);

    let keys = reply.json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2);
    for key in &keys {
        let names: HashSet<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, HashSet::from(["alg", "crv", "kid", "kty", "use", "x"]));
    }
    assert_ne!(keys[0]["kid"], keys[1]["kid"]);
}
