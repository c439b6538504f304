use keyward_tests::{Account, Options, PASSWORD, World, masked, registration};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn registration_creates_an_account_and_emails_a_link() {
    let world = World::new().await;

    let reply = world.post("/v1/users", registration("Zoe@Example.org")).await.expect(202);

    assert_eq!(reply.json(), json!({"status": "check_your_email"}));
    assert_eq!(world.settle().await, ["user.registered"]);
    let mail = world.nth_mail("Zoe@example.org", "Confirm your email address", 1).await;
    assert_eq!(mail.envelope_to, ["Zoe@example.org"]);
    let event = masked(world.envelopes("user.registered").await.remove(0));
    insta::assert_json_snapshot!(event, @r#"
    {
      "data": {
        "mail_id": "_",
        "user_id": "_",
        "version": 1
      },
      "event_id": "_",
      "occurred_at": "_",
      "trace": {
        "request_id": "_",
        "traceparent": "_"
      },
      "type": "user.registered"
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_address_gets_the_same_response_and_an_email() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    let free = world.post("/v1/users", registration("bob@example.org")).await.expect(202);
    let taken = world.post("/v1/users", registration("ADA@example.org")).await;

    assert_eq!(taken.without_id(), free.without_id());
    world.nth_mail(&ada.email, "You already have a Keyward account", 1).await;
    assert_eq!(world.settle().await.last().unwrap(), "user.registration_repeated");
    world.log_in(&ada).await;
    let intruder = Account::new(&ada.email, PASSWORD);
    world.try_log_in(&intruder).await.expect_problem(401, "bad_credentials");
    assert_eq!(world.count("users").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_of_128_characters_counts_in_either_normal_form() {
    let world = World::new().await;
    let typed = format!("  caf\u{e9} cr\u{e8}me {}  ", "1234567890".repeat(11)) + "Z";
    assert_eq!(typed.chars().count(), 126);
    let mut body = registration("ada@example.org");
    body["password"] = json!(typed);
    world.post("/v1/users", body).await.expect(202);
    let token = world.link_token("ada@example.org", "/verify-email").await;
    world.confirm_email(&token).await.expect(204);

    let decomposed = typed.replace('\u{e9}', "e\u{301}").replace('\u{e8}', "e\u{300}");
    let cut = &typed[..typed.len() - 1];

    world.log_in(&Account::new("ada@example.org", &typed)).await;
    world.log_in(&Account::new("ada@example.org", &decomposed)).await;
    for other in [cut, typed.trim(), &typed.to_lowercase()] {
        let reply = world.try_log_in(&Account::new("ada@example.org", other)).await;
        reply.expect_problem(401, "bad_credentials");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disclosure_returns_the_account_or_a_conflict() {
    let options = Options::default().set("REGISTRATION_DISCLOSURE", "conflict");
    let world = World::with(options).await;

    let created = world.post("/v1/users", registration("zoe@example.org")).await.expect(201);
    let token = world.link_token("zoe@example.org", "/verify-email").await;
    world.confirm_email(&token).await.expect(204);
    let taken = world.post("/v1/users", registration("ZOE@example.org")).await;

    let user = created.json();
    assert_eq!(created.header("location"), format!("/v1/users/{}", user["id"].as_str().unwrap()));
    insta::assert_json_snapshot!(masked(user), @r#"
    {
      "avatar": {
        "is_default": true,
        "url": "_",
        "url_256": "_",
        "url_512": "_",
        "url_64": "_"
      },
      "created_at": "_",
      "display_name": "Zoe",
      "email": "zoe@example.org",
      "email_verified": false,
      "id": "_",
      "locale": "en",
      "role": "user",
      "status": "active",
      "version": 1
    }
    "#);
    let taken = taken.expect_problem(409, "email_taken");
    insta::assert_json_snapshot!(masked(taken.json()), @r#"
    {
      "code": "email_taken",
      "detail": "this email address already has an account",
      "request_id": "_",
      "status": 409,
      "title": "Conflict",
      "type": "/problems/email_taken"
    }
    "#);
    assert_eq!(world.settle().await, ["user.registered", "user.email_verified"]);
    assert_eq!(world.mail.messages().len(), 1, "the response disclosed it, so no email is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn disclosure_treats_an_unverified_address_as_taken() {
    let options = Options::default().set("REGISTRATION_DISCLOSURE", "conflict");
    let world = World::with(options).await;
    world.post("/v1/users", registration("zoe@example.org")).await.expect(201);
    world.nth_mail("zoe@example.org", "Confirm", 1).await;

    let mut body = registration("ZOE@example.org");
    body["password"] = json!("the second who came along");
    world.post("/v1/users", body).await.expect_problem(409, "email_taken");

    let token = world.reset_token("zoe@example.org").await;
    world.confirm_reset(&token, "the second who came along").await.expect(204);
    let squatter = world.try_log_in(&Account::new("zoe@example.org", PASSWORD)).await;
    squatter.expect_problem(401, "bad_credentials");
    world.log_in(&Account::new("zoe@example.org", "the second who came along")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_fifty_disclosed_registrations_succeeds() {
    let options = Options::burst().set("REGISTRATION_DISCLOSURE", "conflict");
    let world = World::with(options).await;

    let replies = world.post_at_once(50, "/v1/users", |_| registration("zoe@example.org")).await;

    assert_eq!(keyward_tests::tally(&replies), [(201, 1), (409, 49)]);
    assert_eq!(world.settle().await, ["user.registered"]);
}
