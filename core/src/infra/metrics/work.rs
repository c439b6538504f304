//! What a worker does: relay, consumer, jobs, mails, webhooks.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{Snapshot, durations::DurationHistogram, seconds, snapshot::Shown};

/// What a worker does.
#[derive(Debug)]
pub struct Work {
    published: Counter,
    leader: Gauge,
    consumed: Family<Outcome, Counter>,
    batch_events: Histogram,
    batch_seconds: Histogram,
    attempts: Family<Attempt, Counter>,
    job_seconds: Family<Kind, DurationHistogram>,
    job_latency_seconds: Family<Kind, DurationHistogram>,
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
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Kind {
    queue: &'static str,
    kind: &'static str,
}

/// The attempts of one kind of job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobTotals {
    /// Completed jobs.
    pub completed: i64,
    /// Failed attempts that another one follows.
    pub failed: i64,
    /// Attempts that ended with a dead job.
    pub dead: i64,
    /// Durations of attempts, by bucket of [`DURATION_BUCKETS_S`](super::DURATION_BUCKETS_S).
    pub run_times: Vec<i64>,
    /// Times from the event to the completion of its job, likewise.
    pub latencies: Vec<i64>,
}

impl JobTotals {
    /// What has been added since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let added = |now: &[i64], then: &[i64]| {
            let then = then.iter().copied().chain(std::iter::repeat(0));
            now.iter().zip(then).map(|(now, then)| now - then).collect()
        };
        Self {
            completed: self.completed - earlier.completed,
            failed: self.failed - earlier.failed,
            dead: self.dead - earlier.dead,
            run_times: added(&self.run_times, &earlier.run_times),
            latencies: added(&self.latencies, &earlier.latencies),
        }
    }
}

/// Outcomes that are shown from the start, so that the first of a kind is seen as an increase.
const ATTEMPTS: [&str; 3] = ["completed", "failed", "dead"];
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
            job_seconds: Family::default(),
            job_latency_seconds: Family::default(),
            mails: Family::default(),
            smtp_seconds: seconds(),
            webhooks: Family::default(),
            webhook_seconds: seconds(),
            snapshot: Shown::default(),
        }
    }
}

impl Work {
    pub(super) fn register(
        &self,
        registry: &mut Registry,
        kinds: impl Iterator<Item = (&'static str, &'static str)>,
    ) {
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
            "Attempts at jobs by queue, kind and outcome: completed, failed or dead",
            self.attempts.clone(),
        );
        registry.register(
            "job_seconds",
            "Duration of one attempt at a job",
            self.job_seconds.clone(),
        );
        registry.register(
            "job_latency_seconds",
            "Time from an event to the completion of its job",
            self.job_latency_seconds.clone(),
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
        for (queue, kind) in kinds {
            for outcome in ATTEMPTS {
                drop(self.attempts.get_or_create(&Attempt { queue, kind, outcome }));
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

    /// Counts an attempt at a job: `completed`, `failed` or `dead`. `latency` is the time from the event
    /// to the completion of the job.
    pub fn attempted(
        &self,
        queue: &'static str,
        kind: &'static str,
        outcome: &'static str,
        took: Duration,
        latency: Option<Duration>,
    ) {
        self.attempts.get_or_create(&Attempt { queue, kind, outcome }).inc();
        self.job_seconds.get_or_create(&Kind { queue, kind }).observe(took);
        if let Some(latency) = latency {
            self.job_latency_seconds.get_or_create(&Kind { queue, kind }).observe(latency);
        }
    }

    /// The attempts of a kind since this process started.
    #[must_use]
    pub fn job_totals(&self, queue: &'static str, kind: &'static str) -> JobTotals {
        let count = |outcome| {
            let counter = self.attempts.get(&Attempt { queue, kind, outcome });
            counter.map_or(0, |counter| i64::try_from(counter.get()).unwrap_or(i64::MAX))
        };
        let durations = |family: &Family<Kind, DurationHistogram>| {
            family.get(&Kind { queue, kind }).map(|durations| durations.counts())
        };
        JobTotals {
            completed: count("completed"),
            failed: count("failed"),
            dead: count("dead"),
            run_times: durations(&self.job_seconds).unwrap_or_default(),
            latencies: durations(&self.job_latency_seconds).unwrap_or_default(),
        }
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
