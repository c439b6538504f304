use std::time::Duration;

use keyward_stack::mail_sink::{Action, Behaviour, Stored};
use keyward_tests::World;
use serde_json::json;

use super::{shown, the_token};

const QUEUE: &str = "password-reset-email";
const MINUTE: Duration = Duration::from_secs(60);
const NEW: &str = "an entirely new passphrase";

#[tokio::test(flavor = "multi_thread")]
async fn reset_email_has_a_link() {
    let world = World::new().await;
    let ada = world.account("ada").await;

    world.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);

    let mail = world.nth_mail(&ada.email, "Reset your Keyward password", 1).await;
    insta::assert_snapshot!(shown(&world, &mail).await);
    let token = the_token(&world, &mail, "/reset-password");
    let body = json!({"token": token, "password": NEW});
    world.post("/v1/password-resets/confirm", body).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_retry_renews_the_link() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    world.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    world.postponed(QUEUE).await;

    world.clock.advance(20 * MINUTE);
    world.retry_now().await;
    let mail = world.nth_mail(&ada.email, "Reset", 1).await;
    world.clock.advance(20 * MINUTE);

    assert!(mail.text.contains("for 30 minutes: until"), "{}", mail.text);
    let token = the_token(&world, &mail, "/reset-password");
    let body = json!({"token": token, "password": NEW});
    world.post("/v1/password-resets/confirm", body).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn link_older_than_a_day_expires() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    world.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    world.postponed(QUEUE).await;

    world.clock.advance(25 * 60 * MINUTE);
    world.retry_now().await;

    assert_eq!(world.ended(QUEUE).await, ["Done"]);
    let given_up = world.mail_in("password_reset", "expired").await;
    assert_eq!(given_up.reply.as_deref(), Some("could not be delivered in time"));
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 2, "the verification and the deferred");
}

#[tokio::test(flavor = "multi_thread")]
async fn link_sent_twice_works_once() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.mail.behave(Behaviour::new(Action::DropAfterDot(Stored::Yes)).times(1));
    world.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    world.postponed(QUEUE).await;

    world.retry_now().await;
    let first = world.nth_mail(&ada.email, "Reset", 1).await;
    let second = world.nth_mail(&ada.email, "Reset", 2).await;

    assert_eq!(second.message_id, first.message_id);
    let token = the_token(&world, &first, "/reset-password");
    assert_eq!(the_token(&world, &second, "/reset-password"), token);
    let body = json!({"token": token, "password": NEW});
    world.post("/v1/password-resets/confirm", body.clone()).await.expect(204);
    world.post("/v1/password-resets/confirm", body).await.expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_address_gets_no_email_and_no_job() {
    let world = World::new().await;

    let unknown = json!({"email": "unknown@example.org"});
    world.post("/v1/password-resets", unknown).await.expect(202);

    assert_eq!(world.settle().await, ["link.request_ignored"]);
    assert_eq!(world.jobs(QUEUE).await, []);
    assert_eq!(world.mail.attempts(), []);
}
