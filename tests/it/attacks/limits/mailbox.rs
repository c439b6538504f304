//! A mailbox cannot be bombed, and responses do not reveal the limit.

use keyward_tests::{Options, World};
use serde_json::json;

use super::ask_from;

fn one_mail() -> Options {
    Options::default().with_limits().set("LIMIT_MAILBOX", "2/3600")
}

#[tokio::test(flavor = "multi_thread")]
async fn mailbox_cannot_be_bombed_by_any_route() {
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

    // The verification email and two more.
    assert_eq!(world.mail.messages_to(&ada.email).len(), 3);
    assert_eq!(world.count("mails where state = 'planned'").await, 0);
    assert!(world.count("mails where state = 'suppressed'").await >= 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn limited_request_gets_the_same_response_and_keeps_the_link() {
    let world = World::with(one_mail()).await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;

    let known = ask_from(&world, "198.51.100.1", &ada.email).await.expect(202);
    let unknown = ask_from(&world, "198.51.100.1", "unknown@example.org").await.expect(202);

    let without_limit = |reply: &keyward_tests::Reply| {
        let (status, mut headers, body) = reply.without_id();
        headers.retain(|(name, _)| name != "ratelimit");
        (status, headers, body)
    };
    assert_eq!(without_limit(&known), without_limit(&unknown));
    world.confirm_reset(&token, "a garden full of thyme").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_address_requests_do_not_use_up_its_later_emails() {
    let world = World::with(one_mail()).await;
    for _ in 0..4 {
        ask_from(&world, "198.51.100.1", "ada@example.org").await.expect(202);
    }

    let ada = world.register("ada").await;

    world.link_token(&ada.email, "/verify-email").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn squatter_over_the_limit_leaves_no_password() {
    let world = World::with(one_mail()).await;
    let ada = world.register("ada").await;
    // An email whose link is replaced before it is sent is not sent at all, so wait for each.
    world.nth_mail(&ada.email, "Confirm", 1).await;
    let squat = json!({"email": ada.email, "password": "the squatter's passphrase",
                       "display_name": "Squatter"});
    world.post("/v1/users", squat.clone()).await.expect(202);
    world.nth_mail(&ada.email, "Confirm", 2).await;
    let link = world.link_token(&ada.email, "/verify-email").await;

    world.post("/v1/users", squat.clone()).await.expect(202);
    world.settle().await;

    world.confirm_email(&link).await.expect(204);
    let body = json!({"email": ada.email, "password": "the squatter's passphrase"});
    world.post("/v1/sessions", body).await.expect_problem(401, "bad_credentials");
    world.try_log_in(&ada).await.expect_problem(401, "bad_credentials");
    assert_eq!(world.mail.messages_to(&ada.email).len(), 2);
}
