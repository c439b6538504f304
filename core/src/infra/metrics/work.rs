//! What a worker does: relay, consumer, jobs, mails, webhooks.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{Snapshot, seconds, snapshot::Shown};

/// What a worker does.
#[derive(Debug)]
pub struct Work {
    published: Counter,
    leader: Gauge,
    consumed: Family<Outcome, Counter>,
    batch_events: Histogram,
    batch_seconds: Histogram,
    attempts: Family<Attempt, Counter>,
    job_seconds: Family<Queue, Histogram, fn() -> Histogram>,
    mails: Family<Outcome, Counter>,
    smtp_seconds: Histogram,
    webhooks: Family<Outcome, Counter>,
    webhook_seconds: Histogram,
    snapshot: Shown,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Attempt {
    queue: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Queue {
    queue: &'static str,
}

/// Outcomes that are shown from the start, so that the first of a kind is seen as an increase.
const ATTEMPTS: [&str; 3] = ["done", "retry", "given_up"];
const EVENTS: [&str; 2] = ["stored", "unreadable"];
const MAILS: [&str; 3] = ["accepted", "deferred", "refused"];
const WEBHOOKS: [&str; 3] = ["delivered", "failed", "gone"];

impl Default for Work {
    fn default() -> Self {
        Self {
            published: Counter::default(),
            leader: Gauge::default(),
            consumed: Family::default(),
            batch_events: Histogram::new([
                1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0,
            ]),
            batch_seconds: seconds(),
            attempts: Family::default(),
            job_seconds: Family::new_with_constructor(seconds),
            mails: Family::default(),
            smtp_seconds: seconds(),
            webhooks: Family::default(),
            webhook_seconds: seconds(),
            snapshot: Shown::default(),
        }
    }
}

impl Work {
    pub(super) fn register(&self, registry: &mut Registry, queues: &[&'static str]) {
        registry.register(
            "relay_published",
            "Events that the stream has acknowledged to this worker",
            self.published.clone(),
        );
        registry.register(
            "relay_leader",
            "Whether this worker led the last time it looked: 1 or 0",
            self.leader.clone(),
        );
        registry.register(
            "consumer_events",
            "Events taken from the stream by outcome: stored or unreadable",
            self.consumed.clone(),
        );
        registry.register(
            "consumer_batch_events",
            "Events that were stored in one transaction",
            self.batch_events.clone(),
        );
        registry.register(
            "consumer_batch_seconds",
            "Time that storing a batch of events took",
            self.batch_seconds.clone(),
        );
        registry.register(
            "job_attempts",
            "Attempts at jobs by queue and outcome: done, retry or given_up",
            self.attempts.clone(),
        );
        registry.register(
            "job_seconds",
            "Time that one attempt at a job took",
            self.job_seconds.clone(),
        );
        registry.register(
            "mail_attempts",
            "Attempts to send a mail by outcome: accepted, deferred or refused",
            self.mails.clone(),
        );
        registry.register(
            "smtp_seconds",
            "Time that the mail relay took for one mail",
            self.smtp_seconds.clone(),
        );
        registry.register(
            "webhook_attempts",
            "Attempts to send a webhook by outcome: delivered, failed or gone",
            self.webhooks.clone(),
        );
        registry.register(
            "webhook_seconds",
            "Time that an endpoint took for one webhook",
            self.webhook_seconds.clone(),
        );
        registry.register_collector(Box::new(self.snapshot.clone()));
        for queue in queues {
            for outcome in ATTEMPTS {
                drop(self.attempts.get_or_create(&Attempt { queue, outcome }));
            }
        }
        for (family, outcomes) in
            [(&self.consumed, &EVENTS[..]), (&self.mails, &MAILS), (&self.webhooks, &WEBHOOKS)]
        {
            for outcome in outcomes {
                drop(family.get_or_create(&Outcome { outcome }));
            }
        }
    }

    /// Whether this worker's relay led the last time it looked.
    pub fn leads(&self, is_leader: bool) {
        self.leader.set(is_leader.into());
    }

    /// The stream has acknowledged so many events.
    pub fn published(&self, events: usize) {
        self.published.inc_by(events as u64);
    }

    /// A batch of events was stored.
    pub fn consumed(&self, stored: usize, unreadable: usize, took: Duration) {
        self.batch_events.observe((stored + unreadable) as f64);
        self.batch_seconds.observe(took.as_secs_f64());
        for (outcome, count) in [("stored", stored), ("unreadable", unreadable)] {
            self.consumed.get_or_create(&Outcome { outcome }).inc_by(count as u64);
        }
    }

    /// An attempt at a job has ended: `done`, `retry` or `given_up`.
    pub fn attempted(&self, queue: &'static str, outcome: &'static str, took: Duration) {
        self.attempts.get_or_create(&Attempt { queue, outcome }).inc();
        self.job_seconds.get_or_create(&Queue { queue }).observe(took.as_secs_f64());
    }

    /// An attempt to send a mail has ended: `accepted`, `deferred` or `refused`.
    pub fn mailed(&self, outcome: &'static str, took: Duration) {
        self.mails.get_or_create(&Outcome { outcome }).inc();
        self.smtp_seconds.observe(took.as_secs_f64());
    }

    /// An attempt to send a webhook has ended: `delivered`, `failed` or `gone`.
    pub fn called(&self, outcome: &'static str, took: Duration) {
        self.webhooks.get_or_create(&Outcome { outcome }).inc();
        self.webhook_seconds.observe(took.as_secs_f64());
    }

    /// Shows what waits; nothing if it is not known at the moment.
    pub fn show_snapshot(&self, snapshot: Option<Snapshot>) {
        self.snapshot.show(snapshot);
    }
}
