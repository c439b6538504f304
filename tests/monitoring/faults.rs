//! Each alert fires during the fault of its runbook, and resolves afterwards.

use std::time::Duration;

use async_nats::jetstream::{
    self,
    stream::{Config, DiscardPolicy},
};
use keyward_stack::{
    mail_sink::{Action, Behaviour, Stage, Stored},
    process::Signal,
};
use keyward_tests::{Cluster, Program};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use tokio::time::{Instant, sleep};

use crate::{
    people::{self, People},
    prometheus::{Prometheus, shipped},
};

/// Thresholds of the alerts, and the shorter ones used here.
const SHORTER: [(&str, &str); 12] = [
    ("for: 1h", "for: 1s"),
    ("for: 10m", "for: 1s"),
    ("for: 5m", "for: 1s"),
    ("for: 2m", "for: 1s"),
    ("for: 1m", "for: 1s"),
    ("[10m]", "[10s]"),
    ("[5m]", "[10s]"),
    ("[1h]", "[10s]"),
    ("outbox_oldest_seconds) > 60", "outbox_oldest_seconds) > 3"),
    ("oldest_due_seconds) > 300", "oldest_due_seconds) > 3"),
    ("unacknowledged) > 1000", "unacknowledged) > 10"),
    (") > 5\n", ") > 0\n"),
];
/// The faults.
#[derive(Debug, Clone, Copy)]
enum Fault {
    ApiPaused,
    WorkerPaused,
    PostgresPaused,
    NatsPaused,
    RedisPaused,
    TableLocked,
    LoginBurst,
    StreamFull,
    LeaderLockHeld,
    WebhooksLocked,
    UnreadableEvents,
    ParkedEvents,
    RelaySilent,
    RelayRefusing,
    RelayUnavailable,
    MailsBounce,
}

impl Fault {
    const ALL: [(Self, &[&str]); 16] = [
        (Self::ApiPaused, &["KeywardApiDown"]),
        (Self::WorkerPaused, &["KeywardWorkerDown"]),
        (Self::PostgresPaused, &["KeywardPostgresUnavailable", "KeywardApiErrors"]),
        (Self::NatsPaused, &["KeywardNatsUnavailable", "KeywardOutboxStuck"]),
        (Self::RedisPaused, &["KeywardRedisUnavailable"]),
        (Self::TableLocked, &["KeywardApiSlow"]),
        (Self::LoginBurst, &["KeywardPasswordsShed"]),
        (Self::StreamFull, &["KeywardStreamNotWritable", "KeywardOutboxStuck"]),
        (Self::LeaderLockHeld, &["KeywardRelayWithoutLeader", "KeywardOutboxStuck"]),
        (Self::WebhooksLocked, &["KeywardConsumerBehind"]),
        (Self::UnreadableEvents, &["KeywardEventsUnreadable"]),
        (Self::ParkedEvents, &["KeywardEventsParked"]),
        (Self::RelaySilent, &["KeywardJobsWait", "KeywardMailsFail"]),
        (Self::RelayRefusing, &["KeywardJobsDead"]),
        (Self::RelayUnavailable, &["KeywardMailRelayUnavailable"]),
        (Self::MailsBounce, &["KeywardMailsBounce"]),
    ];
}

pub(crate) async fn all() {
    let cluster = Cluster::with(&[
        ("ARGON2_QUEUE", "4"),
        ("SMTP_TIMEOUT_S", "2"),
        ("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8"),
        people::MAILGUN,
        people::WITHOUT_LIMITS,
    ])
    .await;
    let (api, worker) = (cluster.start_api().await, cluster.start_worker().await);
    let mut rules = std::fs::read_to_string(shipped("prometheus/alerts.yml")).unwrap();
    for (usual, here) in SHORTER {
        assert!(rules.contains(usual), "{usual:?} is missing in alerts.yml");
        rules = rules.replace(usual, here);
    }
    let prometheus = Prometheus::start(&cluster, &api, &worker, &rules).await;
    let people = People::new(&cluster).await;
    let scene = Scene { cluster: &cluster, api: &api, worker: &worker, people: &people };

    let mut fired = std::collections::BTreeSet::new();
    for (fault, alerts) in Fault::ALL {
        tokio::select! {
            () = people.use_product() => {}
            () = prometheus.until_none(alerts) => {}
        }
        let began_at = Instant::now();
        tokio::select! {
            () = scene.run(fault) => panic!("{fault:?} ended early"),
            () = prometheus.until_raised(alerts) => {}
        }
        let fired_s = began_at.elapsed().as_secs_f32();
        scene.end(fault).await;
        let ended_at = Instant::now();
        tokio::select! {
            () = people.use_product() => {}
            () = prometheus.until_none(alerts) => {}
        }
        let resolved_s = ended_at.elapsed().as_secs_f32();
        println!(
            "{fault:?}: {} after {fired_s:.0} s, resolved after {resolved_s:.0} s",
            alerts.join(", ")
        );
        fired.extend(alerts.iter().map(|alert| (*alert).to_owned()));
    }

    let all = prometheus.rules().await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(fired, all, "every alert has fired");
    cluster.clear().await;
}

/// The cluster under a fault.
struct Scene<'a> {
    cluster: &'a Cluster,
    api: &'a Program,
    worker: &'a Program,
    people: &'a People<'a>,
}

impl Scene<'_> {
    /// Keeps the fault active while it is polled. Clients continue.
    async fn run(&self, fault: Fault) {
        let stack = &self.cluster.stack;
        match fault {
            Fault::ApiPaused => {
                self.api.process.pause();
                // Requests wait from here on.
                std::future::pending().await
            }
            Fault::WorkerPaused => self.worker.process.pause(),
            Fault::PostgresPaused => stack.postgres.pause(),
            Fault::NatsPaused => stack.nats.pause(),
            Fault::RedisPaused => stack.redis.pause(),
            Fault::TableLocked => {
                tokio::join!(self.people.use_product(), self.locked("users", Some(2)));
            }
            Fault::LoginBurst => self.people.burst_of_logins().await,
            Fault::StreamFull => self.limit_stream(1).await,
            Fault::LeaderLockHeld => {
                let mut sql = self.connection().await;
                // The id of the lock that a leader holds for one batch.
                let lock = "select pg_advisory_lock(x'6b657977617264'::bigint)";
                sqlx::query(lock).execute(&mut sql).await.unwrap();
                self.people.use_product().await;
            }
            Fault::WebhooksLocked => {
                tokio::join!(self.people.use_product(), self.locked("webhooks", None));
            }
            Fault::UnreadableEvents => {
                let (nats, subject) = (self.cluster.nats().await, "keyward.events.user.registered");
                nats.publish(subject, "garbage".into()).await.unwrap();
                nats.flush().await.unwrap();
            }
            Fault::ParkedEvents => {
                // As a newer release would.
                let mut sql = self.connection().await;
                let commit = "with event as (
                        insert into outbox (event_id, subject, envelope, occurred_at)
                        select id, 'user.from_the_future', (envelope::jsonb || jsonb_build_object(
                                   'event_id', id, 'type', 'user.from_the_future'))::json, now()
                        from outbox, gen_random_uuid() as id limit 1
                        returning event_id, position)
                    insert into outbox_pending (event_id, position)
                    select event_id, position from event";
                sqlx::query(commit).execute(&mut sql).await.unwrap();
            }
            Fault::RelaySilent => {
                let silence = Action::Silent(Stage::Rcpt, Stored::No);
                self.cluster.mail.behave(Behaviour::new(silence));
                self.register_burst("silence").await;
            }
            Fault::RelayRefusing => {
                self.cluster.mail.behave(Behaviour::reply("550 5.1.1 never"));
                self.register_burst("refusal").await;
            }
            Fault::MailsBounce => {
                for nth in 0.. {
                    let name = format!("missing-{nth}");
                    self.register_burst(&name).await;
                    for nth in 0..40 {
                        let address = format!("{name}-{nth}@example.org");
                        self.cluster.nth_mail(&address, "Confirm", 1).await;
                        self.people.bounce(&address).await;
                    }
                }
            }
            Fault::RelayUnavailable => {
                let refusal = Behaviour::reply_at(Stage::Mail, "550 5.7.60 not as this sender");
                self.cluster.mail.behave(refusal);
            }
        }
        self.people.use_product().await;
    }

    /// Ends the fault, unless it has already ended.
    async fn end(&self, fault: Fault) {
        let stack = &self.cluster.stack;
        match fault {
            Fault::ApiPaused => self.api.process.signal(Signal::SIGCONT),
            Fault::WorkerPaused => self.worker.process.signal(Signal::SIGCONT),
            Fault::PostgresPaused => stack.postgres.resume(),
            Fault::NatsPaused => stack.nats.resume(),
            Fault::RedisPaused => stack.redis.resume(),
            Fault::StreamFull => self.limit_stream(-1).await,
            Fault::RelaySilent | Fault::RelayRefusing | Fault::RelayUnavailable => {
                self.cluster.mail.behave_well()
            }
            Fault::UnreadableEvents => {
                // As in the runbook.
                let (_, list) = self.cluster.run("keyward-worker", &["events", "unreadable"]).await;
                let id = list.split_whitespace().find(|word| word.len() == 36).unwrap();
                let (done, output) =
                    self.cluster.run("keyward-worker", &["events", "discard", id]).await;
                assert!(done, "{output}");
            }
            Fault::ParkedEvents => {
                // As in the runbook.
                let end = "delete from outbox_pending where parked_by is not null";
                sqlx::query(end).execute(&mut self.connection().await).await.unwrap();
            }
            Fault::TableLocked
            | Fault::LoginBurst
            | Fault::LeaderLockHeld
            | Fault::MailsBounce
            | Fault::WebhooksLocked => {}
        }
    }

    /// Sets the maximum number of messages of the stream; -1 for no limit.
    async fn limit_stream(&self, max_messages: i64) {
        let jetstream = jetstream::new(self.cluster.nats().await);
        let stream = jetstream.get_stream("keyward-events").await.unwrap();
        let discard = DiscardPolicy::New;
        let config = stream.cached_info().config.clone();
        jetstream.update_stream(Config { discard, max_messages, ..config }).await.unwrap();
    }

    async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.cluster.stack.urls().database).await.unwrap()
    }

    /// Locks a table for this number of seconds at a time, or permanently.
    async fn locked(&self, table: &str, seconds: Option<u64>) {
        let mut sql = self.connection().await;
        loop {
            let mut tx = sql.begin().await.unwrap();
            let lock = format!("lock table {table} in access exclusive mode");
            sqlx::query(sqlx::AssertSqlSafe(lock)).execute(&mut *tx).await.unwrap();
            match seconds {
                Some(seconds) => sleep(Duration::from_secs(seconds)).await,
                None => std::future::pending().await,
            }
            tx.rollback().await.unwrap();
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Registers so many accounts that emails queue up.
    async fn register_burst(&self, name: &str) {
        for nth in 0..40 {
            let body = json!({"email": format!("{name}-{nth}@example.org"),
                "password": "a passphrase of a burst", "display_name": "One of many"});
            self.cluster.post("/v1/users", body).await;
        }
    }
}
