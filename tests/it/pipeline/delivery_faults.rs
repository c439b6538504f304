//! SMTP relays that fail in every way.

use std::time::Duration;

use keyward_stack::mail_sink::{Action, Behaviour, Stage, Stored};
use keyward_tests::{Options, World, token_in, until};

const QUEUE: &str = "verification-email";

#[tokio::test(flavor = "multi_thread")]
async fn temporary_refusal_at_any_stage_defers_the_email() {
    // The greeting first, while no connection is open.
    for stage in [Stage::Connect, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Final] {
        let world = World::new().await;
        world.mail.behave(Behaviour::reply_at(stage, "451 4.3.0 try later").times(1));

        let ada = world.register("ada").await;
        let (attempts, _) = world.postponed(QUEUE).await;

        assert_eq!(attempts, 1, "{stage:?}");
        let deferred = world.mail_in("verification", "deferred").await;
        assert!(deferred.reply.as_ref().unwrap().contains("451"), "{stage:?}: {deferred:?}");
        world.retry_now().await;
        let mail = world.nth_mail(&ada.email, "Confirm", 1).await;
        let accepted = world.mail_in("verification", "accepted").await;
        assert_eq!((accepted.mail_id, accepted.attempts), (deferred.mail_id, 2), "{stage:?}");
        assert_eq!(mail.message_id, format!("{}@keyward.example", deferred.mail_id));
        world.settle().await;
        assert_eq!(world.mail.messages().len(), 1, "{stage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deferred_email_is_retried_after_ten_seconds_less_jitter() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    let ada = world.register("ada").await;
    let (_, wait_s) = world.postponed(QUEUE).await;
    assert!((7.5..=10.0).contains(&wait_s), "{wait_s} s");

    world.wait_for_attempts(&ada.email, 2).await;

    let attempts = world.mail.attempts_to(&ada.email);
    let waited_ms = attempts[1].at_ms - attempts[0].at_ms;
    assert!((7_400..25_000).contains(&waited_ms), "{waited_ms} ms");
    assert_eq!(world.ended(QUEUE).await, ["Done"]);
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_deferral_waits_longer() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later"));
    world.register("ada").await;
    let mut waits = Vec::new();

    for attempt in 1..=4 {
        waits.push(
            until("the attempt is counted", async || {
                let (attempts, wait_s) = world.postponed(QUEUE).await;
                (attempts == attempt).then_some(wait_s)
            })
            .await,
        );
        world.retry_now().await;
    }

    // 10, 20, 40 and 80 seconds, each less up to a quarter.
    for (wait_s, most) in waits.iter().zip([10.0, 20.0, 40.0, 80.0]) {
        assert!((most * 0.75..=most).contains(wait_s), "{waits:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn final_refusal_from_rcpt_on_fails_the_email() {
    for stage in [Stage::Rcpt, Stage::Data, Stage::Final] {
        let world = World::new().await;
        world.mail.behave(Behaviour::reply_at(stage, "550 5.1.1 no such user here"));

        world.register("ada").await;

        assert_eq!(world.ended(QUEUE).await, ["Killed"], "{stage:?}");
        let failed = world.mail_in("verification", "failed").await;
        let reply = failed.reply.unwrap();
        assert!(reply.contains("550") && reply.contains("no such user here"), "{reply}");
        assert_eq!(world.mail.attempts().len(), 1, "{stage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_smtp_credentials_lose_no_email() {
    let world = World::new().await;
    let reply = "530 5.7.0 authentication required";
    world.mail.behave(Behaviour::reply_at(Stage::Mail, reply).times(1));

    let ada = world.register("ada").await;
    world.postponed(QUEUE).await;
    world.retry_now().await;

    world.nth_mail(&ada.email, "Confirm", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_relay_times_out_and_is_retried() {
    for (stage, stored) in [
        (Stage::Connect, Stored::No),
        (Stage::Mail, Stored::No),
        (Stage::Rcpt, Stored::No),
        (Stage::Data, Stored::No),
        (Stage::Final, Stored::Yes),
    ] {
        let world = World::with(Options::default().set("SMTP_TIMEOUT_S", 1)).await;
        world.mail.behave(Behaviour::new(Action::Silent(stage, stored)).times(1));

        let ada = world.register("ada").await;
        let deferred = world.mail_in("verification", "deferred").await;
        world.postponed(QUEUE).await;
        world.retry_now().await;
        world.settle().await;

        let mails = world.mail.messages_to(&ada.email);
        assert_eq!(mails.len(), if stored == Stored::Yes { 2 } else { 1 }, "{stage:?}");
        for mail in mails {
            assert_eq!(mail.message_id, format!("{}@keyward.example", deferred.mail_id));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_relay_does_not_mix_up_later_replies() {
    let world = World::with(Options::default().set("SMTP_TIMEOUT_S", 1)).await;
    world.mail.behave(Behaviour::new(Action::Silent(Stage::Final, Stored::No)).times(2));
    let names: Vec<String> = (0..6).map(|n| format!("user{n}")).collect();

    for name in &names {
        world.register(name).await;
    }
    world.postponed(QUEUE).await;
    until("two are deferred and four accepted", async || {
        let states = world.ledger().await.into_iter().map(|mail| mail.1).collect::<Vec<_>>();
        let count = |state: &str| states.iter().filter(|one| *one == state).count();
        (count("deferred") == 2 && count("accepted") == 4).then_some(())
    })
    .await;
    world.retry_now().await;
    world.settle().await;

    for name in &names {
        let mails = world.mail.messages_to(&format!("{name}@example.org"));
        assert_eq!(mails.len(), 1, "{name}: an accepted email arrives once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_lost_after_the_final_dot_resends_the_email() {
    for (stored, copies) in [(Stored::Yes, 2), (Stored::No, 1)] {
        let world = World::new().await;
        world.mail.behave(Behaviour::new(Action::DropAfterDot(stored)).times(1));

        let ada = world.register("ada").await;
        world.postponed(QUEUE).await;
        world.retry_now().await;
        world.settle().await;

        let mails = world.mail.messages_to(&ada.email);
        assert_eq!(mails.len(), copies, "{stored:?}");
        let link = format!("{}/verify-email#", world.url);
        let ledger = world.mail_in("verification", "accepted").await;
        for mail in &mails {
            assert_eq!(mail.message_id, format!("{}@keyward.example", ledger.mail_id));
            assert_eq!(token_in(&mail.text, &link), token_in(&mails[0].text, &link));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connection_closed_by_the_relay_costs_no_attempt() {
    let world = World::new().await;
    let idle = Action::CloseIdle(Duration::from_secs(2));
    world.mail.behave(Behaviour::new(idle).times(1));
    let ada = world.register("ada").await;
    world.nth_mail(&ada.email, "Confirm", 1).await;
    // The sink drops the rule when it has closed the connection.
    let closed = async || {
        let url = format!("{}/api/v1/behaviour", world.mail.http_url());
        let rules = reqwest::get(url).await.ok()?.text().await.ok()?;
        (rules == "[]").then_some(())
    };
    until("the idle connection is closed", closed).await;

    let bob = world.register("bob").await;
    world.nth_mail(&bob.email, "Confirm", 1).await;
    world.settle().await;

    let attempts: Vec<i32> = world.ledger().await.into_iter().map(|mail| mail.2).collect();
    assert_eq!(attempts, [1, 1]);
}
