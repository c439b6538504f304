//! How a limit shows, and that it holds whatever else happens.

use std::collections::BTreeSet;

use keyward_tests::{Options, World};
use reqwest::Method;
use serde_json::{Value, json};

use super::{ask_from, guess};

const CLIENT: &str = "203.0.113.7";

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_answer_says_what_is_left_and_a_refused_one_when_to_come_back() {
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
async fn a_request_that_is_malformed_counts_like_any_other() {
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
async fn a_malformed_login_counts_for_its_network() {
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
async fn limits_hold_with_redis_stopped_and_are_stricter() {
    let options = Options::default().with_limits().without_redis();
    let world = World::with(options.set("LIMIT_LOGIN_ACCOUNT", "4/3600")).await;

    guess(&world, CLIENT, "ada@example.org").await.expect(401);
    guess(&world, CLIENT, "ada@example.org").await.expect(401);

    guess(&world, CLIENT, "ada@example.org").await.expect_problem(429, "throttled");
    guess(&world, CLIENT, "bob@example.org").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_number_in_redis_is_written_over_and_no_outage() {
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
    assert_eq!(reply.header("ratelimit"), r#""link-request";r=1;t=1800"#, "counted in redis");
    assert!(world.app.cache.is_up());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_tells_people_in_plain_words_to_wait_and_uses_nothing_up() {
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
    assert_eq!(reply.header("ratelimit-policy"), r#""link-use";q=1;w=3600"#);
    assert_eq!(world.count("users where email_verified_at is not null").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_limits_no_answer_speaks_of_them() {
    let world = World::new().await;

    let reply = world.post("/v1/password-resets", json!({"email": "ada@example.org"})).await;

    assert_eq!((reply.header("ratelimit"), reply.header("ratelimit-policy")), ("", ""));
}

/// Whatever works without an access token, or takes a password beside it, is limited.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_where_something_can_be_guessed_or_sent_is_limited() {
    let world = World::with(Options::default().with_limits()).await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;
    let document = keyward_api::openapi_document().unwrap();
    let takes_password = |operation: &Value| {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let name = schema.as_str().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
        document["components"]["schemas"][name]["properties"].get("current_password").is_some()
    };
    let mut limited = BTreeSet::new();

    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(m, _)| *m != "get") {
            let route = format!("{} {path}", method.to_uppercase());
            let documented = operation["responses"].get("429").is_some();
            let is_open = operation.get("security").is_none();
            assert_eq!(documented, is_open || takes_password(operation), "{route}: documented");
            if path.contains('{') || path.ends_with("/current") || path == "/v1/sessions" {
                assert!(!documented || path == "/v1/sessions", "{route}");
                continue;
            }
            let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let request = world.request(verb, path).bearer_auth(&token).json(&json!({}));
            let reply = world.send(request).await;
            let has_headers = !reply.header("ratelimit").is_empty();
            assert_eq!(has_headers, documented, "{route}: {}", reply.text);
            limited.extend(documented.then_some(route));
        }
    }
    assert!(limited.len() >= 7, "{limited:?}");
}
