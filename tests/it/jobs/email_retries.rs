//! What becomes of an email, and of its link, when the relay does not accept it at once.

use std::time::Duration;

use keyward_stack::mail_sink::{Action, Behaviour, Mail, Stored};
use keyward_tests::{Account, World};
use serde_json::json;

use super::{moment, the_token, times};

const VERIFICATION: &str = "verification-email";
const RESET: &str = "password-reset-email";
const NOTICE: &str = "password-changed-email";
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const NEW_PASSWORD: &str = "an entirely new passphrase";

fn try_later() -> Behaviour {
    Behaviour::reply("451 4.3.0 try later").times(1)
}

/// Registers an account whose verification email has failed once.
async fn register(failure: Behaviour) -> (World, Account) {
    let world = World::new().await;
    world.mail.behave(failure);
    let ada = world.register("ada").await;
    world.postponed(VERIFICATION).await;
    (world, ada)
}

/// Requests a password reset whose email has failed once.
async fn request_reset(failure: Behaviour) -> (World, Account) {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.mail.behave(failure);
    world.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    world.postponed(RESET).await;
    (world, ada)
}

/// Minutes from the request of an email until its link expires. Fails if the email shows another time.
async fn minutes_to_expiry(world: &World, mail: &Mail) -> i64 {
    let (asked_at, expires_at) = times(world, mail).await;
    let expires_at = expires_at.expect("a link");
    let shown = format!(": on {}.", moment(expires_at));
    assert!(mail.text.contains(&shown), "{shown} in {}", mail.text);
    (expires_at - asked_at).num_minutes()
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_in_the_first_half_of_its_life_keeps_the_link() {
    let (world, ada) = register(try_later()).await;

    world.clock.advance(11 * HOUR);
    world.retry_now().await;
    let mail = world.nth_mail(&ada.email, "Confirm", 1).await;

    assert_eq!(minutes_to_expiry(&world, &mail).await, 24 * 60, "as requested");
    let token = the_token(&world, &mail, "/verify-email");
    world.clock.advance(14 * HOUR);
    world
        .post("/v1/email-verifications/confirm", json!({"token": token}))
        .await
        .expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_in_the_second_half_of_its_life_renews_the_link() {
    let (world, ada) = register(try_later()).await;

    world.clock.advance(13 * HOUR);
    world.retry_now().await;
    let mail = world.nth_mail(&ada.email, "Confirm", 1).await;

    assert!(minutes_to_expiry(&world, &mail).await >= (13 + 24) * 60, "as retried");
    let token = the_token(&world, &mail, "/verify-email");
    world.clock.advance(23 * HOUR);
    world.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_retry_renews_a_reset_link() {
    let (world, ada) = request_reset(try_later()).await;

    world.clock.advance(20 * MINUTE);
    world.retry_now().await;
    let mail = world.nth_mail(&ada.email, "Reset", 1).await;
    world.clock.advance(20 * MINUTE);

    assert!(minutes_to_expiry(&world, &mail).await >= 20 + 30, "as retried");
    let token = the_token(&world, &mail, "/reset-password");
    let body = json!({"token": token, "password": NEW_PASSWORD});
    world.post("/v1/password-resets/confirm", body).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn link_older_than_a_day_expires() {
    let (world, ada) = request_reset(try_later()).await;

    world.clock.advance(25 * HOUR);
    world.retry_now().await;

    assert_eq!(world.ended(RESET).await, ["Done"]);
    let expired = world.mail_in("password_reset", "expired").await;
    assert_eq!(expired.reply.as_deref(), Some("could not be delivered in time"));
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 2, "the verification and the deferred");
}

#[tokio::test(flavor = "multi_thread")]
async fn link_sent_twice_works_once() {
    let failure = Behaviour::new(Action::DropAfterDot(Stored::Yes)).times(1);
    let (world, ada) = request_reset(failure).await;

    world.retry_now().await;
    let first = world.nth_mail(&ada.email, "Reset", 1).await;
    let second = world.nth_mail(&ada.email, "Reset", 2).await;

    assert_eq!(second.message_id, first.message_id);
    let token = the_token(&world, &first, "/reset-password");
    assert_eq!(the_token(&world, &second, "/reset-password"), token);
    let body = json!({"token": token, "password": NEW_PASSWORD});
    world.post("/v1/password-resets/confirm", body.clone()).await.expect(204);
    world.post("/v1/password-resets/confirm", body).await.expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn email_with_a_replaced_link_is_not_sent() {
    let (world, ada) = register(try_later()).await;

    world.post("/v1/email-verifications", json!({"email": ada.email})).await.expect(202);
    let newer = world.nth_mail(&ada.email, "Confirm", 1).await;
    world.retry_now().await;
    world.settle().await;

    let expired = world.mail_in("verification", "expired").await;
    assert!(expired.reply.unwrap().contains("newer one"));
    assert_eq!(world.mail.messages_to(&ada.email).len(), 1);
    let token = the_token(&world, &newer, "/verify-email");
    world.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn email_with_a_used_link_is_not_resent() {
    let failure = Behaviour::new(Action::DropAfterDot(Stored::Yes)).times(1);
    let (world, ada) = register(failure).await;

    let token = world.link_token(&ada.email, "/verify-email").await;
    world.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
    world.retry_now().await;
    world.settle().await;

    assert_eq!(world.mail.messages_to(&ada.email).len(), 1);
    assert!(world.mail_in("verification", "expired").await.reply.unwrap().contains("was used"));
    assert_eq!(world.ended(VERIFICATION).await, ["Done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn notice_is_sent_however_late() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    world.mail.behave(try_later());
    let body = json!({"token": token, "password": NEW_PASSWORD});
    world.post("/v1/password-resets/confirm", body).await.expect(204);
    world.postponed(NOTICE).await;

    world.clock.advance(40 * HOUR);
    world.retry_now().await;

    world.nth_mail(&ada.email, "password was changed", 1).await;
    assert_eq!(world.ended(NOTICE).await, ["Done"]);
}
