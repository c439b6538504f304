//! Request bodies that attackers make expensive to process.

use std::time::{Duration, Instant};

use keyward_tests::{Reply, World};
use reqwest::Method;
use serde_json::json;

/// Longest time until a rejection, even on a busy machine.
const FAST: Duration = Duration::from_secs(5);

async fn send(world: &World, body: impl Into<reqwest::Body>) -> Reply {
    let request = world.request(Method::POST, "/v1/sessions").body(body);
    let began_at = Instant::now();
    let reply = world.send(request.header("content-type", "application/json")).await;
    assert!(began_at.elapsed() < FAST, "{:?}: {}", began_at.elapsed(), reply.text);
    reply
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_huge_or_odd_json_is_400_fast() {
    let world = World::new().await;
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(9_000), close.repeat(9_000));

    for body in [
        deep("[", "]"),
        deep("{\"a\":", "}"),
        deep("[", ""),
        format!("{{\"email\":{}1{}}}", "[".repeat(200), "]".repeat(200)),
        format!("{{\"email\":1{}}}", "0".repeat(60_000)),
        format!("{{\"email\":\"{}", "\\u".repeat(30_000)),
        format!("{{\"email\":\"\\ud800{}\"}}", "a".repeat(60_000)),
        " ".repeat(65_536),
        "\u{0}".repeat(65_536),
        String::new(),
        "{\"email\":1e999}".to_owned(),
        "{\"email\":\"a\u{1}b\"}".to_owned(),
    ] {
        let start: String = body.chars().take(30).collect();
        let reply = send(&world, body).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "malformed"), "{start}");
        assert!(reply.text.len() < 500, "{start}: {}", reply.text);
    }
    send(&world, vec![0xff; 60_000]).await.expect_problem(400, "malformed");
    send(&world, "a".repeat(65_537)).await.expect_problem(413, "too_large");
    let many = (0..6_000).map(|n| format!("\"m{n}\":1")).collect::<Vec<_>>().join(",");
    send(&world, format!("{{{many}}}")).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_json_member_is_400() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let (ada_json, bob_json) = (json!(ada.email), json!(bob.email));

    for body in [
        format!(r#"{{"email":{ada_json},"email":{bob_json},"password":"{}"}}"#, ada.password),
        format!(r#"{{"email":{bob_json},"em\u0061il":{ada_json},"password":"{}"}}"#, ada.password),
        format!(r#"{{"email":{ada_json},"password":"x","password":"{}"}}"#, ada.password),
        format!(r#"{{"email":{{"a":1,"a":2}},"password":"{}"}}"#, ada.password),
    ] {
        send(&world, body).await.expect_problem(400, "malformed");
    }
    assert_eq!(world.count("sessions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn huge_passwords_are_rejected_before_hashing() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.log_in(&ada).await.access;
    let huge = "\u{1f40e}".repeat(7_000);

    let began_at = Instant::now();
    for _ in 0..30 {
        let body = json!({"email": ada.email, "password": huge});
        world.post("/v1/sessions", body).await.expect_problem(422, "invalid");
    }
    let body = json!({"email": "bob@example.org", "password": huge, "display_name": "Bob"});
    world.post("/v1/users", body).await.expect_problem(422, "invalid");
    let body = json!({"token": "x", "password": huge});
    world.post("/v1/password-resets/confirm", body).await.expect_problem(422, "invalid");
    let body = json!({"current_password": huge, "password": huge});
    let change = world.request(Method::PUT, "/v1/users/me/password").bearer_auth(token);
    world.send(change.json(&body)).await.expect_problem(422, "invalid");

    assert!(began_at.elapsed() < FAST * 2, "{:?}", began_at.elapsed());
    assert_eq!(world.count("users").await, 1);
}
