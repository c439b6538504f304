//! Metrics of a worker: relay, consumer, jobs, emails, webhooks.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{Snapshot, durations::DurationHistogram, register, seconds, snapshot::Shown};

/// Metrics of a worker.
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
    /// Failed attempts that will be retried.
    pub failed: i64,
    /// Failed attempts that exhausted their job.
    pub dead: i64,
    /// Durations of attempts, by bucket of [`DURATION_BUCKETS_S`](super::DURATION_BUCKETS_S).
    pub run_times: Vec<i64>,
    /// Times from the event to the completion of its job, by the same buckets.
    pub latencies: Vec<i64>,
}

impl JobTotals {
    /// The difference to `earlier`.
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

/// Buckets of the size of a batch.
const BATCH_EVENTS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Outcomes that are shown from the start, so that the first of each shows as an increase.
const ATTEMPTS: [&str; 3] = ["completed", "failed", "dead"];
const EVENTS: [&str; 2] = ["stored", "unreadable"];
const MAILS: [&str; 3] = ["accepted", "deferred", "refused"];
const WEBHOOKS: [&str; 3] = ["delivered", "failed", "gone"];

impl Work {
    pub(super) fn new(to: &mut Registry) -> Self {
        let help = "Events that JetStream has acknowledged to this worker";
        let published = register(to, "relay_published", help, Counter::default());
        let help = "Whether this worker's relay is the leader: 1 or 0";
        let leader = register(to, "relay_leader", help, Gauge::default());
        let help = "Events consumed from the stream by outcome: stored or unreadable";
        let consumed = register(to, "consumer_events", help, Family::default());
        let help = "Events stored in one transaction";
        let batch_events =
            register(to, "consumer_batch_events", help, Histogram::new(BATCH_EVENTS));
        let help = "Time to store a batch of events";
        let batch_seconds = register(to, "consumer_batch_seconds", help, seconds());
        let help = "Job attempts by queue, kind and outcome: completed, failed or dead";
        let attempts = register(to, "job_attempts", help, Family::default());
        let help = "Duration of one job attempt";
        let job_seconds = register(to, "job_seconds", help, Family::default());
        let help = "Time from an event to the completion of its job";
        let job_latency_seconds = register(to, "job_latency_seconds", help, Family::default());
        let help = "Attempts to send an email by outcome: accepted, deferred or refused";
        let mails = register(to, "mail_attempts", help, Family::default());
        let help = "Time the mail relay took for one email";
        let smtp_seconds = register(to, "smtp_seconds", help, seconds());
        let help = "Attempts to send a webhook by outcome: delivered, failed or gone";
        let webhooks = register(to, "webhook_attempts", help, Family::default());
        let help = "Time an endpoint took for one webhook";
        let webhook_seconds = register(to, "webhook_seconds", help, seconds());
        let snapshot = Shown::default();
        to.register_collector(Box::new(snapshot.clone()));
        for (family, outcomes) in
            [(&consumed, &EVENTS[..]), (&mails, &MAILS), (&webhooks, &WEBHOOKS)]
        {
            for outcome in outcomes {
                drop(family.get_or_create(&Outcome { outcome }));
            }
        }
        Self {
            published,
            leader,
            consumed,
            batch_events,
            batch_seconds,
            attempts,
            job_seconds,
            job_latency_seconds,
            mails,
            smtp_seconds,
            webhooks,
            webhook_seconds,
            snapshot,
        }
    }

    /// Shows the outcomes of these kinds of jobs, each with its queue, from the start.
    pub(super) fn expect(&self, kinds: impl Iterator<Item = (&'static str, &'static str)>) {
        for (queue, kind) in kinds {
            for outcome in ATTEMPTS {
                drop(self.attempts.get_or_create(&Attempt { queue, kind, outcome }));
            }
        }
    }

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
            self.consumed.get_or_create(&Outcome { outcome }).inc_by(count as u64);
        }
    }

    /// Records a job attempt: `completed`, `failed` or `dead`. `latency` is the time from the event to the
    /// completion of the job.
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

    /// Records an attempt to send an email: `accepted`, `deferred` or `refused`.
    pub fn mailed(&self, outcome: &'static str, took: Duration) {
        self.mails.get_or_create(&Outcome { outcome }).inc();
        self.smtp_seconds.observe(took.as_secs_f64());
    }

    /// Records an attempt to send a webhook: `delivered`, `failed` or `gone`.
    pub fn called(&self, outcome: &'static str, took: Duration) {
        self.webhooks.get_or_create(&Outcome { outcome }).inc();
        self.webhook_seconds.observe(took.as_secs_f64());
    }

    /// Shows a snapshot of the backlogs; `None` if they are unknown.
    pub fn show_snapshot(&self, snapshot: Option<Snapshot>) {
        self.snapshot.show(snapshot);
    }
}
