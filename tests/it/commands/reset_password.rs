use std::time::Duration;

use keyward_tests::{Account, Options, World, tally};
use reqwest::Method;
use serde_json::{Value, json};

use crate::spoilt::spoilt;

const CONFIRM: &str = "/v1/password-resets/confirm";
const FRESH: &str = "a fresh passphrase it is";
const NOTICE: &str = "Your Keyward password was changed";

fn with(token: &str, password: &str) -> Value {
    json!({"token": token, "password": password})
}

fn with_password(account: &Account, password: &str) -> Account {
    Account { password: password.into(), ..account.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_sets_the_password_once_and_ends_every_session() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let sessions = [world.log_in(&ada).await, world.log_in(&ada).await];
    for session in &sessions {
        world.me(&session.access).await.expect(200);
    }
    let token = world.reset_token(&ada.email).await;

    let reply = world.post(CONFIRM, with(&token, FRESH)).await.expect(204);

    assert_eq!(reply.text, "", "nobody is logged in by it");
    assert!(reply.headers.get("set-cookie").is_none());
    for session in &sessions {
        world.me(&session.access).await.expect_problem(401, "session_ended");
        world.refresh(&session.refresh).await.expect_problem(401, "session_ended");
    }
    let again = world.post(CONFIRM, with(&token, "yet another passphrase")).await;
    again.expect_problem(400, "link_invalid");
    world.try_log_in(&ada).await.expect_problem(401, "bad_credentials");
    assert_eq!(world.count("sessions where ended_at is null").await, 0);
    world.log_in(&with_password(&ada, FRESH)).await;
    world.nth_mail(&ada.email, NOTICE, 1).await;
    let subjects = world.settle().await;
    let expected = [
        "user.password_reset_requested",
        "session.ended",
        "session.ended",
        "user.password_changed",
        "session.started",
    ];
    assert_eq!(subjects[subjects.len() - 5..], expected);
    let ended = world.envelopes("session.ended").await;
    assert!(ended.iter().all(|event| event["data"]["reason"] == "password_reset"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_with_one_link_at_once_one_sets_the_password_that_logs_in() {
    let world = World::with(Options::crowded()).await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    let password = |nth: usize| format!("the passphrase of racer {nth}");

    let replies = world.post_at_once(50, CONFIRM, |nth| with(&token, &password(nth))).await;

    assert_eq!(tally(&replies), [(204, 1), (400, 49)]);
    let winner = replies.iter().position(|reply| reply.status == 204).unwrap();
    world.log_in(&with_password(&ada, &password(winner))).await;
    let loser = with_password(&ada, &password((winner + 1) % 50));
    world.try_log_in(&loser).await.expect_problem(401, "bad_credentials");
    world.settle().await;
    let mails = world.mail.messages_to(&ada.email);
    assert_eq!(mails.iter().filter(|mail| mail.subject == NOTICE).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_password_does_not_use_up_the_link() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let session = world.log_in(&ada).await;
    let token = world.reset_token(&ada.email).await;

    for (password, code) in [
        ("", "required"),
        ("short", "too_short"),
        ("aaaaaaaaaaaaaaaaaaaa", "too_guessable"),
        ("ada@example.org ada@example.org", "too_guessable"),
        (&"x".repeat(129), "too_long"),
    ] {
        let reply = world.post(CONFIRM, with(&token, password)).await;
        let flaw = reply.expect_problem(422, "invalid").json()["errors"][0].clone();
        assert_eq!((&flaw["pointer"], &flaw["code"]), (&json!("/password"), &json!(code)));
    }
    world.post(CONFIRM, json!({"token": token})).await.expect_problem(422, "invalid");

    world.me(&session.access).await.expect(200);
    world.log_in(&ada).await;
    world.post(CONFIRM, with(&token, FRESH)).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_password_tells_nothing_about_a_link_that_is_dead() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    world.post(CONFIRM, with(&token, FRESH)).await.expect(204);

    let reply = world.post(CONFIRM, with(&token, "short")).await;

    reply.expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_dies_after_half_an_hour() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let (token, other) = (world.reset_token(&ada.email).await, world.reset_token(&bob.email).await);

    world.clock.advance(Duration::from_secs(1_800 - 60));
    world.post(CONFIRM, with(&token, FRESH)).await.expect(204);
    world.clock.advance(Duration::from_secs(60));

    world.post(CONFIRM, with(&other, FRESH)).await.expect_problem(400, "link_invalid");
    world.log_in(&bob).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spoilt_token_is_no_link_and_leaves_the_real_one_good() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;

    for bad in spoilt(&token) {
        let reply = world.post(CONFIRM, with(&bad, FRESH)).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "link_invalid"), "{bad}");
    }

    world.post(CONFIRM, with(&token, FRESH)).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_verification_link_sets_no_password() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;

    let reply = world.post(CONFIRM, with(&token, FRESH)).await;

    reply.expect_problem(400, "link_invalid");
    world.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_beside_the_token_says_whose_password_is_set() {
    let world = World::new().await;
    let (ada, eve) = (world.account("ada").await, world.account("evelyn").await);
    let token = world.reset_token(&ada.email).await;
    let eve_id = world.user_id(&eve.email).await.to_string();

    for (member, value) in [("user_id", &eve_id), ("email", &eve.email), ("id", &eve_id)] {
        let mut body = with(&token, FRESH);
        body[member] = json!(value);
        world.post(CONFIRM, body).await.expect_problem(422, "invalid");
    }
    let path = format!("{CONFIRM}?user_id={eve_id}&email={}", eve.email);
    world.post(&path, with(&token, FRESH)).await.expect(204);

    world.log_in(&eve).await;
    world.log_in(&with_password(&ada, FRESH)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_proves_an_unproven_address_and_kills_its_verification_link() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let verification = world.link_token(&ada.email, "/verify-email").await;
    let token = world.reset_token(&ada.email).await;

    world.post(CONFIRM, with(&token, FRESH)).await.expect(204);

    let me = world.me(&world.log_in(&with_password(&ada, FRESH)).await.access).await.json();
    assert_eq!((&me["email_verified"], &me["version"]), (&json!(true), &json!(3)));
    let reply = world.post("/v1/email-verifications/confirm", json!({"token": verification})).await;
    reply.expect_problem(400, "link_invalid");
    assert!(world.settle().await.contains(&"user.email_verified".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_link_of_a_disabled_account_is_dead() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    world.disable(&ada).await;

    world.post(CONFIRM, with(&token, FRESH)).await.expect_problem(400, "link_invalid");

    world.settle().await;
    let mails = world.mail.messages_to(&ada.email);
    assert!(mails.iter().all(|mail| mail.subject != NOTICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_link_of_a_deleted_account_is_dead() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    world.settle().await;
    world.sql("delete from users").await;

    world.post(CONFIRM, with(&token, FRESH)).await.expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_a_link_uses_nothing_up() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;

    for path in ["/reset-password", CONFIRM] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            for query in ["", "?token="] {
                let path = format!("{path}{query}{}", if query.is_empty() { "" } else { &token });
                let reply = world.send(world.request(method.clone(), &path)).await;
                assert!(reply.status != 204 && !reply.status.is_server_error(), "{method} {path}");
            }
        }
    }

    world.post(CONFIRM, with(&token, FRESH)).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_races_a_reset_leaves_no_session_of_the_old_password() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    let logins = (0..10).map(|_| world.try_log_in(&ada));

    let (reset, logins) = futures_util::future::join(
        world.post(CONFIRM, with(&token, FRESH)),
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
