use keyward_tests::World;
use serde_json::{Value, json};

const FRESH: &str = "a fresh passphrase it is";

#[tokio::test(flavor = "multi_thread")]
async fn weak_password_reveals_nothing_about_an_invalid_link() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    world.confirm_reset(&token, FRESH).await.expect(204);

    let reply = world.confirm_reset(&token, "short").await;

    reply.expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_verifies_the_address_and_revokes_its_verification_link() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let verification = world.link_token(&ada.email, "/verify-email").await;
    let token = world.reset_token(&ada.email).await;

    world.confirm_reset(&token, FRESH).await.expect(204);

    let me = world.me(&world.log_in(&ada.with_password(FRESH)).await.access).await.json();
    assert_eq!((&me["email_verified"], &me["version"]), (&json!(true), &json!(3)));
    let reply = world.confirm_email(&verification).await;
    reply.expect_problem(400, "link_invalid");
    assert!(world.settle().await.contains(&"user.email_verified".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn login_racing_a_reset_leaves_no_old_session() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    let logins = (0..10).map(|_| world.try_log_in(&ada));

    let (reset, logins) = futures_util::future::join(
        world.confirm_reset(&token, FRESH),
        futures_util::future::join_all(logins),
    )
    .await;

    reset.expect(204);
    for login in logins.iter().filter(|login| login.status == 201) {
        let refresh = keyward_tests::Tokens::of(login).refresh;
        world.refresh(&refresh).await.expect_problem(401, "session_ended");
    }
    assert_eq!(world.count("sessions where ended_at is null").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_takes_the_token_or_the_code() {
    let world = World::new().await;
    let reset = async |body: Value| {
        let mut body = body;
        body["password"] = json!(FRESH);
        let reply = world.post("/v1/password-resets/confirm", body).await;
        let errors = reply.expect_problem(422, "invalid").json()["errors"].clone();
        let errors = errors.as_array().unwrap().iter();
        let flaw = |error: &Value| format!("{} {}", error["pointer"], error["code"]);
        errors.map(flaw).collect::<Vec<_>>().join(", ").replace('"', "")
    };
    let (token, email, code) = ("A".repeat(64), "ada@example.org", "WDJB-MJHT");

    for (body, expected) in [
        (json!({}), "/token required"),
        (json!({"token": null, "email": null, "code": null}), "/token required"),
        (json!({"email": email}), "/code required"),
        (json!({"code": code}), "/email required"),
        (json!({"token": token, "email": email}), "/email conflicting_member"),
        (
            json!({"token": token, "email": email, "code": code}),
            "/email conflicting_member, /code conflicting_member",
        ),
        (json!({"email": "ada", "code": "WDJ8-MJHT"}), "/email malformed, /code malformed"),
        (json!({"email": email, "code": ""}), "/code required"),
        (json!({"email": email, "code": 12_345_678}), "/code wrong_type"),
    ] {
        assert_eq!(reset(body.clone()).await, expected, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_by_code_ends_sessions_and_sends_a_notice() {
    let world = World::new().await;
    let (ada, access) = world.logged_in("ada").await;
    let code = world.reset_code(&ada.email).await;

    world.confirm_reset_by_code("ADA@example.org", &code, FRESH).await.expect(204);

    world.me(&access).await.expect_problem(401, "session_ended");
    world.log_in(&ada.with_password(FRESH)).await;
    world.nth_mail(&ada.email, "Your Keyward password was changed", 1).await;
}
