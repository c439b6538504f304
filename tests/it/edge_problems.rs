//! The shape of problems, and requests that are rejected before they reach a route.

use keyward_tests::{World, masked};
use reqwest::Method;
use serde_json::json;

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

#[tokio::test(flavor = "multi_thread")]
async fn problem_has_one_shape() {
    let world = World::new().await;

    let invalid = world.post("/v1/users", json!({"email": "nope", "rôle/~": 1})).await;
    let refused = world.get("/v1/users/me").await;

    insta::assert_json_snapshot!(masked(invalid.expect(422).json()), @r#"
    {
      "code": "invalid",
      "detail": "some members of the request are not acceptable",
      "errors": [
        {
          "code": "required",
          "detail": "this member is required",
          "pointer": "/password"
        },
        {
          "code": "required",
          "detail": "this member is required",
          "pointer": "/display_name"
        },
        {
          "code": "unknown_member",
          "detail": "this member does not exist",
          "pointer": "/rôle~1~0"
        },
        {
          "code": "malformed",
          "detail": "this is not an email address like ada@example.org",
          "pointer": "/email"
        }
      ],
      "request_id": "_",
      "status": 422,
      "title": "Unprocessable Entity",
      "type": "/problems/invalid"
    }
    "#);
    insta::assert_json_snapshot!(masked(refused.expect(401).json()), @r#"
    {
      "code": "token_missing",
      "detail": "an access token is needed",
      "request_id": "_",
      "status": 401,
      "title": "Unauthorized",
      "type": "/problems/token_missing"
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn problem_has_the_accepted_media_type() {
    let world = World::new().await;

    for (accept, expected) in [
        (None, PROBLEM),
        (Some("*/*"), PROBLEM),
        (Some("application/*"), PROBLEM),
        (Some(JSON), JSON),
        (Some("application/json;q=0.9, text/html"), JSON),
        (Some(PROBLEM), PROBLEM),
        (Some("application/json, application/problem+json"), PROBLEM),
        (Some("text/html"), PROBLEM),
        (Some("nonsense;;,,"), PROBLEM),
    ] {
        for path in ["/v1/users/me", "/v1/nowhere"] {
            let mut request = world.request(Method::GET, path);
            if let Some(accept) = accept {
                request = request.header("accept", accept);
            }
            let reply = world.send(request).await;
            assert_eq!(reply.header("content-type"), expected, "{accept:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_path_is_not_found_in_any_spelling() {
    let world = World::new().await;

    for path in [
        "/",
        "/v1",
        "/v1/nowhere",
        "/v1/users/me/",
        "/v1//users/me",
        "/V1/users/me",
        "/v1/Users/me",
        "/v2/users/me",
        "/v1/nowhere/../unknown%2f",
        "/admin",
        "/.env",
        "/assets/..%2f..%2fCargo.toml",
        "/v1/users/me/%00",
    ] {
        let reply = world.get(path).await;
        let found = (reply.status.as_u16(), reply.code());
        assert_eq!(found, (404, "not_found".to_owned()), "{path}: {}", reply.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_a_body() {
    let world = World::new().await;
    let (_, token) = world.logged_in("ada").await;

    for path in [
        "/v1/users/me",
        "/.well-known/jwks.json",
        "/openapi.json",
        "/docs",
        "/health/live",
        "/health/ready",
        "/verify-email",
        "/reset-password",
        "/confirm-email",
        "/undo-email",
    ] {
        let get = world.get_as(&token, path).await.expect(200);
        let head = world.request(Method::HEAD, path).bearer_auth(&token);
        let head = world.send(head).await.expect(200);
        assert_eq!(head.text, "", "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_body_is_rejected_with_or_without_a_length() {
    let world = World::new().await;
    let body = json!({"email": "a".repeat(66_000)}).to_string();

    let request = world.request(Method::POST, "/v1/password-resets").body(body.clone());
    let with_length = world.send(request.header("content-type", JSON)).await;
    let chunked = format!(
        "POST /v1/password-resets HTTP/1.1\r\nhost: x\r\ncontent-type: {JSON}\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len(),
    );
    let without_length = world.send_raw(chunked).await;

    with_length.expect_problem(413, "too_large");
    assert!(without_length.starts_with("HTTP/1.1 413 "), "{without_length}");
}
