//! A mailbox cannot be bombed, its owner can always get a link, and responses do not reveal the limits.

use keyward_tests::{Account, Options, World, registration};
use serde_json::json;

use super::ask_from;

const HOME: &str = "203.0.113.7";

fn limited() -> Options {
    Options::default().with_limits()
}

fn one_mail() -> Options {
    limited().set("LIMIT_MAILBOX", "1/3600")
}

/// The number of links of a purpose that were issued to accounts: each is planned as an email.
async fn issued(world: &World, purpose: &str) -> i64 {
    world.count(&format!("links where purpose = '{purpose}' and user_id is not null")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn mailbox_cannot_be_bombed_by_any_route() {
    let world = World::with(limited()).await;
    let ada = world.account("ada").await;

    for nth in 0..20 {
        let from = format!("198.51.100.{nth}");
        ask_from(&world, &from, "ADA@example.org").await.expect(202);
        world.post_from(&from, "/v1/users", registration(&ada.email)).await.expect(202);
        let body = json!({"email": ada.email});
        world.post_from(&from, "/v1/email-verifications", body).await.expect(202);
    }

    world.settle().await;
    assert_eq!(issued(&world, "reset_password").await, 10);
    assert_eq!(issued(&world, "verify_email").await, 1);
    let notices = "mails where kind = 'already_registered' and user_id is not null";
    assert_eq!(world.count(notices).await, 3);
    assert!(world.mail.messages_to(&ada.email).len() <= 14);
    assert_eq!(world.count("mails where state = 'planned'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn unverified_mailbox_cannot_be_bombed() {
    let world = World::with(limited()).await;
    let bob = world.register("bobby").await;

    for nth in 0..12 {
        let from = format!("198.51.100.{nth}");
        world.post_from(&from, "/v1/users", registration(&bob.email)).await.expect(202);
        let body = json!({"email": bob.email});
        world.post_from(&from, "/v1/email-verifications", body).await.expect(202);
    }

    world.settle().await;
    assert_eq!(issued(&world, "verify_email").await, 10);
    assert!(world.mail.messages_to(&bob.email).len() <= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_registrations_do_not_use_up_the_owners_resets() {
    let world = World::with(limited()).await;
    let (ada, bob) = (world.account("ada").await, world.register("bobby").await);

    for email in [&ada.email, &bob.email] {
        for _ in 0..25 {
            world.post("/v1/users", registration(email)).await.expect(202);
        }
        let token = world.reset_token(email).await;
        world.confirm_reset(&token, "a garden full of thyme").await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_requests_do_not_use_up_the_owners_resets() {
    let world = World::with(limited()).await;
    let ada = world.account("ada").await;
    for _ in 0..8 {
        ask_from(&world, "198.51.100.1", &ada.email).await.expect(202);
    }
    assert_eq!(issued(&world, "reset_password").await, 5);

    ask_from(&world, HOME, &ada.email).await.expect(202);

    assert_eq!(issued(&world, "reset_password").await, 6);
    world.settle().await;
    let token = world.link_token(&ada.email, "/reset-password").await;
    world.confirm_reset(&token, "a garden full of thyme").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_under_attack_from_many_networks_has_a_live_link() {
    let world = World::with(limited()).await;
    let ada = world.account("ada").await;
    let attack = async |first: u8| {
        for nth in first..first + 15 {
            ask_from(&world, &format!("198.51.100.{nth}"), &ada.email).await.expect(202);
        }
    };
    attack(0).await;
    let before = issued(&world, "reset_password").await;
    attack(20).await;
    ask_from(&world, HOME, &ada.email).await.expect(202);

    assert_eq!((before, issued(&world, "reset_password").await), (10, 10));
    world.settle().await;
    let token = world.link_token(&ada.email, "/reset-password").await;
    world.confirm_reset(&token, "a garden full of thyme").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn limited_request_gets_the_same_response_and_keeps_the_link() {
    let world = World::with(one_mail()).await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;

    let known = world.request_reset(&ada.email).await.expect(202);
    let unknown = world.request_reset("unknown@example.org").await.expect(202);

    let without_limit = |reply: &keyward_tests::Reply| {
        let (status, mut headers, body) = reply.without_id();
        headers.retain(|(name, _)| name != "ratelimit");
        (status, headers, body)
    };
    assert_eq!(without_limit(&known), without_limit(&unknown));
    assert_eq!(issued(&world, "reset_password").await, 1);
    world.confirm_reset(&token, "a garden full of thyme").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_address_requests_do_not_use_up_its_later_emails() {
    let world = World::with(one_mail()).await;
    for _ in 0..4 {
        world.request_reset("ada@example.org").await.expect(202);
        let body = json!({"email": "ada@example.org"});
        world.post("/v1/email-verifications", body).await.expect(202);
    }

    let ada = world.register("ada").await;

    world.link_token(&ada.email, "/verify-email").await;
    world.reset_token(&ada.email).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn squatter_over_the_limit_leaves_no_password() {
    let world = World::with(one_mail()).await;
    let ada = world.register("ada").await;
    let link = world.link_token(&ada.email, "/verify-email").await;
    let squatter = Account::new(&ada.email, "the squatter's passphrase");
    let body = json!({"email": ada.email, "password": squatter.password,
                      "display_name": "Squatter"});
    world.post("/v1/users", body).await.expect(202);
    world.settle().await;

    world.confirm_email(&link).await.expect_problem(422, "password_required");
    world.confirm_email_with(&link, "a garden full of thyme").await.expect(204);

    for account in [&ada, &squatter] {
        world.try_log_in(account).await.expect_problem(401, "bad_credentials");
    }
    assert_eq!(world.mail.messages_to(&ada.email).len(), 1);
}
