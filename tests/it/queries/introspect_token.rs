use std::time::Duration;

use keyward_tests::{Options, World};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn valid_access_token_is_active_with_its_claims() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let service = world.service_token(&root, &["tokens:introspect"]).await.token;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;

    let reply = world.introspect(&service, &tokens.access).await.expect(200);

    let found = reply.json();
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(found["active"], true);
    assert_eq!(found["sub"], world.user_id(&ada.email).await.to_string());
    assert_eq!(found["sid"], tokens.session_id.to_string());
    assert_eq!((&found["role"], &found["token_type"]), (&json!("user"), &json!("Bearer")));
    assert_eq!((&found["iss"], &found["aud"]), (&json!(world.url), &json!(world.name())));
    assert_eq!(found["amr"], json!(["pwd"]));
    assert_eq!(found["exp"].as_i64().unwrap() - found["iat"].as_i64().unwrap(), 600);
    assert_eq!(found["auth_time"], found["iat"]);
    assert!(found["jti"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn token_that_a_request_would_be_refused_for_is_not_active() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let service = world.service_token(&root, &["tokens:introspect"]).await.token;
    let names = ["ended", "disabled", "deleted", "expired"];
    let mut tokens = Vec::new();
    for name in names {
        let account = world.account(name).await;
        tokens.push(world.log_in(&account).await.access);
        let reply = world.introspect(&service, &tokens[tokens.len() - 1]).await;
        assert_eq!(reply.json()["active"], true, "{name}");
    }
    let path = async |name: &str| {
        format!("/v1/users/{}", world.user_id(&format!("{name}@example.org")).await)
    };

    world.log_out(&tokens[0]).await.expect(204);
    let status = format!("{}/status", path("disabled").await);
    world.put_if(&root, &status, "*", json!({"status": "disabled"})).await.expect(200);
    world.delete_as(&root, &path("deleted").await).await.expect(204);

    for (name, token) in names.iter().zip(&tokens).take(3) {
        let reply = world.introspect(&service, token).await.expect(200);
        assert_eq!(reply.text, "{\"active\":false}", "{name}");
    }
    world.clock.advance(Duration::from_secs(600));
    let reply = world.introspect(&service, &tokens[3]).await.expect(200);
    assert_eq!(reply.text, "{\"active\":false}");
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_tells_the_present_role() {
    let world = World::with(Options::default().set("TOKEN_CLAIMS", "role,locale")).await;
    let root = world.administrator("root").await;
    let service = world.service_token(&root, &["tokens:introspect"]).await.token;
    let ada = world.administrator("ada").await;
    let id = world.user_id("ada@example.org").await;

    let demote = json!({"role": "user"});
    world.put_if(&root, &format!("/v1/users/{id}/role"), "*", demote).await.expect(200);

    assert_eq!(world.introspect(&service, &ada).await.json()["role"], "user");
}

#[tokio::test(flavor = "multi_thread")]
async fn form_has_exactly_one_token() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let service = world.service_token(&root, &["tokens:introspect"]).await.token;
    let post = async |form: &str| {
        let request = world.request(Method::POST, "/v1/tokens/introspect").bearer_auth(&service);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        world.send(request.body(form.to_owned())).await
    };

    for bad in ["", "tokens=x", "token=a&token=b"] {
        post(bad).await.expect_problem(400, "malformed");
    }
    post("token=x&token_type_hint=refresh_token&more=1").await.expect(200);
    let json = world.post_json_as(&service, "/v1/tokens/introspect", json!({"token": "x"})).await;
    json.expect_problem(415, "wrong_media_type");
}
