use keyward_tests::{Options, World, tally};
use serde_json::json;
use std::time::Duration;

use crate::spoilt::spoilt;

const CONFIRM: &str = "/v1/email-verifications/confirm";

#[tokio::test(flavor = "multi_thread")]
async fn a_link_proves_the_address_and_works_once() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;

    let first = world.post(CONFIRM, json!({"token": token})).await.expect(204);
    let second = world.post(CONFIRM, json!({"token": token})).await;

    assert_eq!(first.text, "");
    second.expect_problem(400, "link_invalid");
    let me = world.me(&world.log_in(&ada).await.access).await.json();
    assert_eq!((&me["email_verified"], &me["version"]), (&json!(true), &json!(2)));
    assert_eq!(world.settle().await, ["user.registered", "user.email_verified", "session.started"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_who_follow_one_link_at_once_one_wins() {
    let world = World::with(Options::crowded()).await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;

    let replies = world.post_at_once(50, CONFIRM, |_| json!({"token": token})).await;

    assert_eq!(tally(&replies), [(204, 1), (400, 49)]);
    let losers = replies.iter().filter(|reply| reply.status == 400);
    assert!(losers.map(keyward_tests::Reply::code).all(|code| code == "link_invalid"));
    assert_eq!(world.envelopes("user.email_verified").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_dies_with_its_day() {
    let world = World::new().await;
    let (ada, bob) = (world.register("ada").await, world.register("bobby").await);
    let token = world.link_token(&ada.email, "/verify-email").await;
    let other = world.link_token(&bob.email, "/verify-email").await;

    world.clock.advance(Duration::from_secs(86_400 - 60));
    world.post(CONFIRM, json!({"token": token})).await.expect(204);
    world.clock.advance(Duration::from_secs(60));

    let late = world.post(CONFIRM, json!({"token": other})).await;
    late.expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spoilt_token_is_no_link_and_leaves_the_real_one_good() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;

    for bad in spoilt(&token) {
        let reply = world.post(CONFIRM, json!({"token": bad})).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "link_invalid"), "{bad}");
    }

    world.post(CONFIRM, json!({"token": token})).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_reset_link_proves_nothing_and_stays_good_for_a_reset() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.reset_token(&ada.email).await;

    let reply = world.post(CONFIRM, json!({"token": token})).await;

    reply.expect_problem(400, "link_invalid");
    let reset = json!({"token": token, "password": "a fresh passphrase it is"});
    world.post("/v1/password-resets/confirm", reset).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_beside_the_token_says_whose_address_is_proven() {
    let world = World::new().await;
    let (ada, eve) = (world.register("ada").await, world.register("evelyn").await);
    let token = world.link_token(&ada.email, "/verify-email").await;
    let eve_id = world.user_id(&eve.email).await;

    for member in ["user_id", "email", "id"] {
        let mut body = json!({"token": token});
        body[member] = json!(eve_id);
        world.post(CONFIRM, body).await.expect_problem(422, "invalid");
    }
    let path = format!("{CONFIRM}?user_id={eve_id}&email={}", eve.email);
    world.post(&path, json!({"token": token})).await.expect(204);

    world.log_in(&ada).await;
    world.try_log_in(&eve).await.expect_problem(403, "email_unverified");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_disabled_account_is_dead() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;
    world.disable(&ada).await;

    let reply = world.post(CONFIRM, json!({"token": token})).await;

    reply.expect_problem(400, "link_invalid");
}
