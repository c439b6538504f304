//! One mailbox cannot be bombed, and nobody can tell that it was tried.

use keyward_tests::{Options, World};
use serde_json::json;

use super::ask_from;

fn one_mail() -> Options {
    Options::default().with_limits().set("LIMIT_MAILBOX", "2/3600")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mailbox_cannot_be_bombed_from_anywhere_by_any_route() {
    let world = World::with(one_mail().set("LIMIT_MAILBOX", "3/3600")).await;
    let ada = world.account("ada").await;

    for nth in 0..4 {
        let from = format!("198.51.100.{nth}");
        ask_from(&world, &from, "ADA@example.org").await.expect(202);
        let body = json!({"email": ada.email, "password": "a garden full of thyme",
                          "display_name": "Bomber"});
        world.post_from(&from, "/v1/users", body).await.expect(202);
        let body = json!({"email": ada.email});
        world.post_from(&from, "/v1/email-verifications", body).await.expect(202);
    }
    world.settle().await;

    // One that asked her to confirm, and two more.
    assert_eq!(world.mail.messages_to(&ada.email).len(), 3);
    assert_eq!(world.count("mails where state = 'planned'").await, 0);
    assert!(world.count("mails where state = 'suppressed'").await >= 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_limit_the_answer_is_the_same_and_the_older_link_is_alive() {
    let world = World::with(one_mail()).await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;

    let known = ask_from(&world, "198.51.100.1", &ada.email).await.expect(202);
    let unknown = ask_from(&world, "198.51.100.1", "nobody@example.org").await.expect(202);

    let without_limit = |reply: &keyward_tests::Reply| {
        let (status, mut headers, body) = reply.without_id();
        headers.retain(|(name, _)| name != "ratelimit");
        (status, headers, body)
    };
    assert_eq!(without_limit(&known), without_limit(&unknown));
    let body = json!({"token": token, "password": "a garden full of thyme"});
    world.post("/v1/password-resets/confirm", body).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_an_unknown_address_do_not_use_up_the_mails_of_whoever_registers_it() {
    let world = World::with(one_mail()).await;
    for _ in 0..4 {
        ask_from(&world, "198.51.100.1", "ada@example.org").await.expect(202);
    }

    let ada = world.register("ada").await;

    world.link_token(&ada.email, "/verify-email").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_squatter_who_registers_over_the_limit_leaves_no_password_behind() {
    let world = World::with(one_mail()).await;
    let ada = world.register("ada").await;
    // A mail whose link is replaced before it is sent is not sent at all.
    world.nth_mail(&ada.email, "Confirm", 1).await;
    let squat = json!({"email": ada.email, "password": "the squatter's passphrase",
                       "display_name": "Squatter"});
    world.post("/v1/users", squat.clone()).await.expect(202);
    world.nth_mail(&ada.email, "Confirm", 2).await;
    let link = world.link_token(&ada.email, "/verify-email").await;

    world.post("/v1/users", squat.clone()).await.expect(202);
    world.settle().await;

    world.post("/v1/email-verifications/confirm", json!({"token": link})).await.expect(204);
    let body = json!({"email": ada.email, "password": "the squatter's passphrase"});
    world.post("/v1/sessions", body).await.expect_problem(401, "bad_credentials");
    world.try_log_in(&ada).await.expect_problem(401, "bad_credentials");
    assert_eq!(world.mail.messages_to(&ada.email).len(), 2);
}
