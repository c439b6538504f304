//! Metrics of a worker: relay, consumer, emails, webhooks.

use std::time::Duration;

use prometheus_client::metrics::{counter::Counter, gauge::Gauge, histogram::Histogram};

use super::families::{Counters, counters_by, seconds};

/// Buckets of the size of a batch.
const BATCH_EVENTS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

metrics! {
    /// Metrics of a worker, jobs excepted.
    pub struct Work {
        /// Events that JetStream has acknowledged to this worker
        published: Counter = "relay_published";
        /// Whether this worker's relay is the leader: 1 or 0
        leader: Gauge = "relay_leader";
        /// Events consumed from the stream by outcome: stored or unreadable
        consumed: Counters<1> = "consumer_events", counters_by("outcome", &["stored", "unreadable"]);
        /// Events stored in one transaction
        batch_events: Histogram = "consumer_batch_events", Histogram::new(BATCH_EVENTS);
        /// Time to store a batch of events
        batch_seconds: Histogram = "consumer_batch_seconds", seconds();
        /// Attempts to send an email by outcome: accepted, deferred, refused or relay_unavailable
        mails: Counters<1> = "mail_attempts",
            counters_by("outcome", &["accepted", "deferred", "refused", "relay_unavailable"]);
        /// Whether the mail relay took email from this worker at its last attempt: 1 or 0
        mail_relay_up: Gauge = "mail_relay_up", up();
        /// Time the mail relay took for one email
        smtp_seconds: Histogram = "smtp_seconds", seconds();
        /// Attempts to send a webhook by outcome: delivered, failed or gone
        webhooks: Counters<1> = "webhook_attempts",
            counters_by("outcome", &["delivered", "failed", "gone"]);
        /// Time an endpoint took for one webhook
        webhook_seconds: Histogram = "webhook_seconds", seconds();
    }
}

impl Work {
    /// Records whether this worker's relay is the leader.
    pub fn leads(&self, is_leader: bool) {
        self.leader.set(is_leader.into());
    }

    /// Records acknowledged events.
    pub fn published(&self, events: usize) {
        self.published.inc_by(events as u64);
    }

    /// Records a stored batch of events.
    pub fn consumed(&self, stored: usize, unreadable: usize, took: Duration) {
        self.batch_events.observe((stored + unreadable) as f64);
        self.batch_seconds.observe(took.as_secs_f64());
        for (outcome, count) in [("stored", stored), ("unreadable", unreadable)] {
            self.consumed.get_or_create(&[("outcome", outcome)]).inc_by(count as u64);
        }
    }

    /// Records an attempt to send an email: `accepted`, `deferred`, `refused` or `relay_unavailable`.
    pub fn mailed(&self, outcome: &'static str, is_relay_up: bool, took: Duration) {
        self.mail_relay_up.set(is_relay_up.into());
        self.mails.get_or_create(&[("outcome", outcome)]).inc();
        self.smtp_seconds.observe(took.as_secs_f64());
    }

    /// Records an attempt to send a webhook: `delivered`, `failed` or `gone`.
    pub fn called(&self, outcome: &'static str, took: Duration) {
        self.webhooks.get_or_create(&[("outcome", outcome)]).inc();
        self.webhook_seconds.observe(took.as_secs_f64());
    }
}

/// A gauge that is 1 until something is down.
fn up() -> Gauge {
    let gauge = Gauge::default();
    gauge.set(1);
    gauge
}
