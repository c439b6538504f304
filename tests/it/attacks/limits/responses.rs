//! Responses to limited requests, and limits during faults.

use std::collections::BTreeSet;

use keyward_tests::{Options, Route, World};
use reqwest::Method;
use serde_json::json;

use super::{ask_from, guess};

const CLIENT: &str = "203.0.113.7";

#[tokio::test(flavor = "multi_thread")]
async fn limited_response_states_the_remaining_quota_and_wait() {
    let options = Options::default().with_limits().set("LIMIT_LINK_REQUEST", "2/60");
    let world = World::with(options).await;

    let first = ask_from(&world, CLIENT, "ada@example.org").await.expect(202);
    ask_from(&world, CLIENT, "ada@example.org").await.expect(202);
    let third = ask_from(&world, CLIENT, "ada@example.org").await;

    assert_eq!(first.header("ratelimit-policy"), r#""link-request";q=2;w=60"#);
    assert_eq!(first.header("ratelimit"), r#""link-request";r=1;t=30"#);
    let third = third.expect_problem(429, "throttled");
    let wait_s: u64 = third.header("retry-after").parse().unwrap();
    assert!((28..=30).contains(&wait_s), "{wait_s}");
    assert_eq!(third.header("ratelimit"), format!(r#""link-request";r=0;t={wait_s}"#));
    assert_eq!(third.header("ratelimit-policy"), r#""link-request";q=2;w=60"#);
    assert_eq!(third.header("cache-control"), "no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_request_counts_against_the_limit() {
    let options = Options::default().with_limits().set("LIMIT_REGISTRATION", "4/3600");
    let world = World::with(options).await;
    let send = async |media_type: &str, body: &str| {
        let request = world.request(Method::POST, "/v1/users").body(body.to_owned());
        world.send(request.header("content-type", media_type)).await
    };

    send("application/json", "{").await.expect(400);
    send("text/plain", "{}").await.expect(415);
    send("application/json", "{}").await.expect(422);
    send("application/json", &"x".repeat(100_000)).await.expect(413);

    let reply = send("application/json", "{}").await.expect_problem(429, "throttled");
    assert!(!reply.header("retry-after").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_login_counts_for_its_network() {
    let options = Options::default().with_limits().set("LIMIT_LOGIN", "3/3600");
    let world = World::with(options).await;
    let send = async |body: &str| {
        let request = world.request(Method::POST, "/v1/sessions").body(body.to_owned());
        world.send(request.header("content-type", "application/json")).await
    };

    send("{").await.expect(400);
    send(&"x".repeat(100_000)).await.expect(413);
    send(r#"{"email":"ada@example.org"}"#).await.expect(422);

    send("{").await.expect_problem(429, "throttled");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_stricter_without_redis() {
    let options = Options::default().with_limits().without_redis();
    let world = World::with(options.set("LIMIT_LOGIN_ACCOUNT", "4/3600")).await;

    guess(&world, CLIENT, "ada@example.org").await.expect(401);
    guess(&world, CLIENT, "ada@example.org").await.expect(401);

    guess(&world, CLIENT, "ada@example.org").await.expect_problem(429, "throttled");
    guess(&world, CLIENT, "bob@example.org").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_in_a_limit_key_is_overwritten() {
    let options = Options::default().with_limits().set("LIMIT_LINK_REQUEST", "2/3600");
    let world = World::with(options).await;
    let mut redis = world.redis().await;
    ask_from(&world, CLIENT, "ada@example.org").await.expect(202);
    let pattern = format!("{}:limit:link-request:*", world.name());
    let keys: Vec<String> = redis::cmd("KEYS").arg(pattern).query_async(&mut redis).await.unwrap();
    assert_eq!(keys.len(), 1, "{keys:?}");

    for garbage in ["nonsense", "inf", "nan", "-1", "99999999999999999999"] {
        redis::cmd("SET").arg(&keys[0]).arg(garbage).exec_async(&mut redis).await.unwrap();
        let reply = ask_from(&world, CLIENT, "ada@example.org").await;
        assert!([202, 429].contains(&reply.status.as_u16()), "{garbage}: {}", reply.text);
    }
    redis::cmd("DEL").arg(&keys[0]).exec_async(&mut redis).await.unwrap();
    redis::cmd("LPUSH").arg(&keys[0]).arg("x").exec_async(&mut redis).await.unwrap();

    let reply = ask_from(&world, CLIENT, "ada@example.org").await.expect(202);
    assert_eq!(
        reply.header("ratelimit"),
        r#""link-request";r=1;t=1800"#,
        "Redis counts the request"
    );
    assert!(world.app.cache.is_up());
}

#[tokio::test(flavor = "multi_thread")]
async fn throttled_page_explains_the_wait_and_keeps_the_link() {
    let options = Options::default().with_limits().set("LIMIT_LINK_USE", "1/3600");
    let world = World::with(options).await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;
    let submit = async |token: &str| {
        let form = world.request(Method::POST, "/verify-email").form(&[("token", token)]);
        world.send(form).await
    };
    submit("not a token").await;

    let reply = submit(&token).await.expect(429);

    assert!(reply.text.contains("Please wait a moment"), "{}", reply.text);
    assert!(reply.header("content-type").starts_with("text/html"));
    assert!(!reply.header("retry-after").is_empty());
    let policy = r#""link-use";q=1;w=3600, "code";q=60;w=3600, "code-address";q=10;w=3600"#;
    assert_eq!(reply.header("ratelimit-policy"), policy);
    assert_eq!(world.count("users where email_verified_at is not null").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_limits_send_no_limit_headers() {
    let world = World::new().await;

    let reply = world.request_reset("ada@example.org").await;

    assert_eq!((reply.header("ratelimit"), reply.header("ratelimit-policy")), ("", ""));
}

/// Routes without an access token, and routes that take a password, are limited. Service tokens have a
/// limit of their own.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_that_takes_guesses_or_sends_email_is_limited() {
    let world = World::with(Options::default().with_limits()).await;
    let (_, token) = world.logged_in("ada").await;
    let mut limited = BTreeSet::new();

    let routes = Route::all();
    let routes = routes.iter().filter(|route| route.method != Method::GET);
    for route in routes.filter(|route| route.scope().is_none()) {
        let documented = route.statuses().contains(&429);
        let takes_password = route.schema["properties"].get("current_password").is_some();
        assert_eq!(documented, route.is_public() || takes_password, "{}: documented", route.name);
        // Skips the routes that would end the session of the token.
        if route.template.contains('{') || route.name.starts_with("DELETE /v1/sessions") {
            assert!(!documented, "{}", route.name);
            continue;
        }
        let request = route.request(&world, &route.template, &token).json(&json!({}));
        let reply = world.send(request).await;
        let has_headers = !reply.header("ratelimit").is_empty();
        assert_eq!(has_headers, documented, "{}: {}", route.name, reply.text);
        limited.extend(documented.then_some(&route.name).cloned());
    }
    assert!(limited.len() >= 7, "{limited:?}");
}
