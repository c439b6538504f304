//! The ledger of emails as administrators read it, in every state.

use std::time::Duration;

use keyward_stack::mail_sink::{Action, Behaviour, Stage, Stored};
use keyward_tests::{Options, World, until};
use serde_json::Value;

const QUEUE: &str = "verification-email";

/// Waits until the newest email to a user is in a state after a number of attempts.
async fn shown(world: &World, root: &str, email: &str, state: &str, attempts: i32) -> Value {
    let path = format!("/v1/users/{}/mails", world.user_id(email).await);
    until(&format!("an email is {state} after {attempts} attempts"), async || {
        let reply = world.get_as(root, &path).await.expect(200);
        assert!(!reply.text.contains('#') && !reply.text.contains(email), "{}", reply.text);
        let latest = reply.json()["items"][0].clone();
        (latest["state"] == state && latest["attempts"] == attempts).then_some(latest)
    })
    .await
}

fn reply(mail: &Value) -> &str {
    mail["reply"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn ledger_shows_each_state_and_the_smtp_reply() {
    let options = Options::default().without_worker().set("SMTP_TIMEOUT_S", 5);
    let mut world = World::with(options).await;
    let root = world.administrator_without_mail("root").await;
    let ada = world.register("ada").await;
    let planned = shown(&world, &root, &ada.email, "planned", 0).await;
    assert_eq!((&planned["reply"], &planned["next_try_at"]), (&Value::Null, &Value::Null));
    let silence = Behaviour::new(Action::Silent(Stage::Data, Stored::No));
    world.mail.behave(silence.times(1).to(&ada.email));

    world.start_worker().await;
    let sending = shown(&world, &root, &ada.email, "sending", 1).await;
    let silence = shown(&world, &root, &ada.email, "deferred", 1).await;
    world.postponed(QUEUE).await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1).to(&ada.email));
    world.retry_now().await;
    let deferred = shown(&world, &root, &ada.email, "deferred", 2).await;
    until("the email is deferred again", async || {
        let mut jobs = world.jobs(QUEUE).await.into_iter();
        jobs.any(|(status, attempts, _)| status == "Failed" && attempts == 2).then_some(())
    })
    .await;
    world.retry_now().await;
    let accepted = shown(&world, &root, &ada.email, "accepted", 3).await;

    assert_eq!(sending["next_try_at"], Value::Null);
    assert!(silence["next_try_at"].is_string() && !reply(&silence).is_empty(), "{silence}");
    let code = reply(&deferred);
    assert!(code.contains("451") && code.contains("try later"), "{code}");
    assert!(deferred["next_try_at"].is_string());
    assert!(reply(&accepted).starts_with("250 "), "{accepted}");
    assert_eq!(accepted["next_try_at"], Value::Null);
    for seen in [&sending, &silence, &deferred, &accepted] {
        assert_eq!((&seen["id"], &seen["asked_at"]), (&planned["id"], &planned["asked_at"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ledger_shows_failed_and_expired_emails() {
    let world = World::new().await;
    world.administrator("root").await;
    let ada = world.account("ada").await;
    world.settle().await;
    world.mail.behave(Behaviour::reply_at(Stage::Rcpt, "550 5.1.1 no such user").times(1));
    let bob = world.register("bob").await;
    assert_eq!(world.ended(QUEUE).await.last().unwrap(), "Killed");
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    world.request_reset(&ada.email).await.expect(202);
    world.postponed("password-reset-email").await;

    world.clock.advance(Duration::from_secs(25 * 3600));
    world.retry_now().await;

    let root = world.log_in_again("root").await;
    let expired = shown(&world, &root, &ada.email, "expired", 2).await;
    let failed = shown(&world, &root, &bob.email, "failed", 1).await;
    assert!(reply(&failed).contains("550") && reply(&failed).contains("no such user"), "{failed}");
    assert_eq!(reply(&expired), "could not be delivered in time");
    for ended in [failed, expired] {
        assert_eq!(ended["next_try_at"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deferred_email_shows_its_latest_retry_time() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later"));
    world.register("ada").await;

    // The shown time leaves out the jitter, which shortens the wait by up to a quarter.
    for (attempt, wait_s) in [(1, 10), (2, 20), (3, 40), (4, 80)] {
        until("the email is deferred", async || {
            let (status, attempts, _) = world.jobs(QUEUE).await.into_iter().next()?;
            (status == "Failed" && attempts == attempt).then_some(())
        })
        .await;
        let said_s: f64 = sqlx::query_scalar(
            "select extract(epoch from next_try_at - updated_at)::float8 from mails",
        )
        .fetch_one(&world.db)
        .await
        .unwrap();
        assert!((f64::from(wait_s) - 5.0..=f64::from(wait_s)).contains(&said_s), "{said_s} s");
        world.retry_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exhausted_email_is_failed_and_can_be_retried() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    world.settle().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(2));
    let ada = world.register("ada").await;
    world.postponed(QUEUE).await;
    world.sql("update mails set attempts = 39 where state = 'deferred'").await;
    world.sql("update apalis.jobs set attempts = 39 where status = 'Failed'").await;

    world.retry_now().await;

    let failed = shown(&world, &root, &ada.email, "failed", 40).await;
    assert!(reply(&failed).contains("451"), "{failed}");
    assert_eq!(failed["next_try_at"], Value::Null);
    assert_eq!(world.ended(QUEUE).await.last().unwrap(), "Killed");
    let listed = world.keyward_worker(&["jobs", "list"]).await.unwrap().1;
    let id = listed.split_whitespace().next().unwrap();
    assert!(world.keyward_worker(&["jobs", "retry", id]).await.unwrap().0);
    let accepted = shown(&world, &root, &ada.email, "accepted", 1).await;
    assert_eq!(accepted["id"], failed["id"]);
    world.nth_mail(&ada.email, "Confirm", 1).await;
}
