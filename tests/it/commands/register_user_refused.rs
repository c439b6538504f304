use keyward_core::{App, infra::clock::Clock, settings::Settings};
use keyward_tests::{Options, World, registration};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn role_status_and_id_cannot_be_chosen() {
    let world = World::with(Options::default().without_worker()).await;

    for (member, value) in [
        ("role", json!("admin")),
        ("status", json!("active")),
        ("email_verified", json!(true)),
        ("id", json!("00000000-0000-0000-0000-000000000001")),
        ("version", json!(7)),
        ("avatar", json!({"url": "https://evil.example/a.png"})),
        ("__proto__", json!({"role": "admin"})),
        ("Email", json!("eve@example.org")),
    ] {
        let mut body = registration("eve@example.org");
        body[member] = value;
        let reply = world.post("/v1/users", body).await.expect_problem(422, "invalid");
        let flaw = &reply.json()["errors"][0];
        assert_eq!(flaw["pointer"], format!("/{member}"));
        assert_eq!(flaw["code"], "unknown_member");
    }

    assert_eq!((world.count("users").await, world.count("outbox").await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_reported_at_once() {
    let world = World::with(Options::default().without_worker()).await;
    let typed = json!({"email": "nope", "password": "short", "display_name": " "});
    let shaped = json!({"email": 7, "display_name": null, "role": "admin"});
    let long = json!({
        "email": format!("{}@example.org", "a".repeat(300)),
        "password": "x".repeat(129),
        "display_name": "y".repeat(101),
    });

    let mut answers = Vec::new();
    for body in [typed, shaped, long] {
        let reply = world.post("/v1/users", body).await.expect_problem(422, "invalid");
        let flaws = reply.json()["errors"].as_array().unwrap().clone();
        answers.push(flaws.iter().map(|f| json!([f["pointer"], f["code"]])).collect::<Vec<_>>());
    }

    let expected = json!([
        [["/email", "malformed"], ["/password", "too_short"], ["/display_name", "required"]],
        [
            ["/email", "wrong_type"],
            ["/password", "required"],
            ["/display_name", "required"],
            ["/role", "unknown_member"]
        ],
        [["/email", "too_long"], ["/password", "too_long"], ["/display_name", "too_long"]],
    ]);
    assert_eq!(json!(answers), expected);
    assert_eq!(world.count("users").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn short_long_and_guessable_passwords_are_rejected() {
    let world = World::with(Options::default().without_worker()).await;

    for (password, code) in [
        ("correct horse ", "too_short"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "too_guessable"),
        ("ada.lovelace@example.org", "too_guessable"),
        ("Keyward-Keyward-Keyward", "too_guessable"),
        ("qwertyuiopasdfgh", "too_common"),
        ("P@ssw0rd_Dr@gon_24", "too_common"),
        ("adaadaLovelaceLovelace", "too_guessable"),
        ("x".repeat(129).as_str(), "too_long"),
        ("\u{1f40e}".repeat(20_000).as_str(), "too_large"),
    ] {
        let body = json!({
            "email": "ada.lovelace@example.org", "password": password, "display_name": "Ada",
        });
        let reply = world.post("/v1/users", body).await;
        let problem = reply.json();
        let found = [&problem["errors"][0]["code"], &problem["code"]];
        assert!(found.contains(&&json!(code)), "{code}: {}", reply.text);
        assert!(!reply.text.contains(password), "a password is never repeated");
    }

    assert_eq!(world.count("users").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_blocklist_is_applied() {
    let folder = keyward_stack::folder::scratch("blocklist").unwrap();
    let list = folder.path().join("list.txt");
    std::fs::write(&list, "correct horse battery\n").unwrap();
    let options = Options::default().set("PASSWORD_BLOCKLIST_PATH", list.display());
    let world = World::with(options.without_worker()).await;

    let reply = world.post("/v1/users", registration("ada@example.org")).await;

    let flaws = reply.expect_problem(422, "invalid").json()["errors"].clone();
    assert_eq!(flaws[0]["code"], "too_common");
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_blocklist_stops_the_start() {
    let get = |name: &str| {
        Some(match name {
            "PASSWORD_BLOCKLIST_PATH" => "/nowhere/list.txt".to_owned(),
            "DATABASE_URL" => "postgres://keyward@127.0.0.1:1/nothing".to_owned(),
            "REDIS_URL" => "redis://127.0.0.1:1".to_owned(),
            "NATS_URL" => "nats://127.0.0.1:1".to_owned(),
            "SMTP_URL" => "smtp://127.0.0.1:1".to_owned(),
            "LINK_KEY" | "SESSION_KEY" | "WEBHOOK_KEY" | "SIGNING_KEYS" | "OPS_OPERATORS"
            | "OPS_VIEWERS" => keyward_stack::secret::key().unwrap(),
            _ => return None,
        })
    };
    let settings = Settings::from_env(get).unwrap();

    let error = App::new(settings, Clock::default()).unwrap_err();

    let output = format!("{error:#}");
    assert!(
        output.contains("PASSWORD_BLOCKLIST_PATH") && output.contains("/nowhere/list.txt"),
        "{output}"
    );
}
