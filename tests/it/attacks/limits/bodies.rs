//! Request bodies that attackers make expensive to process.

use std::time::{Duration, Instant};

use keyward_tests::{Reply, World, registration};
use reqwest::Method;
use serde_json::json;

/// Maximum time until a rejection, on a busy machine.
const FAST: Duration = Duration::from_secs(5);

async fn send(world: &World, body: impl Into<reqwest::Body>) -> Reply {
    let request = world.request(Method::POST, "/v1/sessions").body(body);
    let began_at = Instant::now();
    let reply = world.send(request.header("content-type", "application/json")).await;
    assert!(began_at.elapsed() < FAST, "{:?}: {}", began_at.elapsed(), reply.text);
    reply
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_json_is_rejected_fast() {
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
        "{".to_owned(),
        "nonsense".to_owned(),
        "{\"email\":}".to_owned(),
        "\u{feff}{}".to_owned(),
        "{}{}".to_owned(),
        "NaN".to_owned(),
        "'x'".to_owned(),
        format!("{}1{}", r#"{"email":"#.repeat(700), "}".repeat(700)),
    ] {
        let start: String = body.chars().take(30).collect();
        let reply = send(&world, body).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "malformed"), "{start}");
        assert!(reply.text.len() < 400, "{start}: {}", reply.text);
    }
    send(&world, vec![0xff; 60_000]).await.expect_problem(400, "malformed");
    send(&world, &b"{\"email\":\"\xff\"}"[..]).await.expect_problem(400, "malformed");
    for shape in ["[]", "7", "null", "\"ada@example.org\"", "true"] {
        send(&world, shape).await.expect_problem(422, "invalid");
    }
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
    let (ada, token) = world.logged_in("ada").await;
    let huge = "\u{1f40e}".repeat(7_000);

    let began_at = Instant::now();
    for _ in 0..30 {
        let body = json!({"email": ada.email, "password": huge});
        world.post("/v1/sessions", body).await.expect_problem(422, "invalid");
    }
    let mut body = registration("bob@example.org");
    body["password"] = json!(huge);
    world.post("/v1/users", body).await.expect_problem(422, "invalid");
    world.confirm_reset("x", &huge).await.expect_problem(422, "invalid");
    world.change_password(&token, &huge, &huge).await.expect_problem(422, "invalid");

    assert!(began_at.elapsed() < FAST * 2, "{:?}", began_at.elapsed());
    assert_eq!(world.count("users").await, 1);
}
