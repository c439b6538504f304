//! Seeded bugs, which the checks must find.

use std::time::Duration;

use async_nats::jetstream::message::PublishMessage;
use uuid::Uuid;

use crate::{
    actors::Actors,
    checks::{self, Finding},
    clients::Clients,
    faults::Fault,
    history::{Call, History, Stale},
    tolerance::Tolerance,
};

/// Runs clients without a fault, then seeds one bug at a time. Fails unless every bug is found.
pub(crate) async fn all_are_found() {
    let actors = Actors::new(Fault::Calm).await;
    let clients = Clients::start("client", 2, actors.urls(), &actors.cluster.mail);
    assert!(clients.reach(100, crate::RECOVERY_TIMEOUT).await, "the clients make no progress");
    let mut history = clients.stop().await;
    crate::recovered(&actors).await.unwrap();
    let clean = found(&actors, &history).await;
    assert_eq!(clean, Vec::<&str>::new(), "nothing is found without a bug");

    let none = Uuid::nil();
    let sql = async |statement: &str| {
        let done = sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()));
        assert!(done.execute(&actors.cluster.db).await.unwrap().rows_affected() > 0, "{statement}");
    };
    let is_found = async |history: &History, name: &str, what: &str| {
        let names = found(&actors, history).await;
        assert!(names.iter().any(|found| found.starts_with(name)), "{what}: {names:?}");
    };

    sql("insert into outbox_pending (event_id, position, generation)
         select event_id, position, 1 from outbox order by position limit 1")
    .await;
    is_found(&history, "I1", "an event without an effect").await;
    sql("delete from outbox_pending").await;

    sql("create table gone as select * from outbox order by position desc limit 1").await;
    sql("delete from outbox where event_id in (select event_id from gone)").await;
    is_found(&history, "I1", "an event without a commit").await;
    sql("insert into outbox select * from gone").await;

    sql(&format!(
        "insert into apalis.jobs (id, job_type, job, status, run_at)
         values ('{none}', 'seeded', '', 'Killed', now())"
    ))
    .await;
    is_found(&history, "I3", "a dead job").await;
    sql("delete from apalis.jobs where job_type = 'seeded'").await;

    sql(&format!(
        "insert into mails (mail_id, kind, asked_at, updated_at, state)
         values ('{none}', 'verification', now(), now(), 'accepted')"
    ))
    .await;
    is_found(&history, "I4", "an email that was not delivered").await;
    sql(&format!("delete from mails where mail_id = '{none}'")).await;

    sql("update mails set state = 'deferred' where mail_id = (select min(mail_id::text)::uuid from mails)")
        .await;
    is_found(&history, "I4", "an email that is never sent").await;
    sql("update mails set state = 'accepted' where state = 'deferred'").await;

    let jetstream = async_nats::jetstream::new(actors.cluster.nats().await);
    let stream = jetstream.get_stream("keyward-events").await.unwrap();
    let first = stream.get_raw_message(1).await.unwrap();
    let id = first.headers.get("Nats-Msg-Id").unwrap();
    let message = PublishMessage::build().payload(first.payload.clone());
    let message = message.message_id(format!("{id}:again"));
    let sent = jetstream.send_publish(first.subject.to_string(), message).await.unwrap();
    let again = sent.await.unwrap();
    is_found(&history, "I5", "an event after later ones").await;
    stream.delete_message(again.sequence).await.unwrap();

    history.stale.push(Stale { what: "accepted after the logout".into(), lasted: Duration::ZERO });
    is_found(&history, "I6", "access after the logout").await;
    history.stale.clear();

    history.calls.push(call(Some(500), Duration::ZERO));
    is_found(&history, "I7", "a 500").await;
    *history.calls.last_mut().unwrap() = call(None, Duration::ZERO);
    is_found(&history, "I7", "no response").await;
    *history.calls.last_mut().unwrap() = call(Some(200), Duration::from_secs(16));
    is_found(&history, "I7", "a slow response").await;
    history.calls.pop();

    let log = actors.cluster.scratch.path().join("seeded.log");
    std::fs::write(&log, format!("log in with {}", history.secrets[0])).unwrap();
    is_found(&history, "I10", "a password in a log").await;
    std::fs::remove_file(log).unwrap();

    sql("update sessions set ended_at = null, ended_reason = null").await;
    is_found(&history, "I11", "a session that is active again").await;
    sql("update sessions set ended_at = now(), ended_reason = 'logged_out'").await;
    sql("update users set display_name = 'another name'").await;
    is_found(&history, "I11", "a name that was lost").await;
    actors.cluster.clear().await;
}

fn call(status: Option<u16>, took: Duration) -> Call {
    let (what, documented, detail) = ("seeded", &[200][..], String::new());
    Call { what, status, documented, has_retry_after: false, took, detail }
}

async fn found(actors: &Actors, history: &History) -> Vec<&'static str> {
    let findings: Vec<Finding> = checks::all(actors, history, Tolerance::default()).await;
    let violations = findings.into_iter().filter(|(_, violations)| !violations.is_empty());
    violations.map(|(name, _)| name).collect()
}
