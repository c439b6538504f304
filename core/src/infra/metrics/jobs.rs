//! Metrics of jobs.

use std::{iter, time::Duration};

use prometheus_client::metrics::family::Family;

use super::{
    durations::DurationHistogram,
    families::{Counters, Labels},
};

/// Histograms by queue and kind.
type JobDurations = Family<Labels<2>, DurationHistogram>;

metrics! {
    /// Metrics of jobs. The charts of the board read them back.
    pub struct JobMetrics {
        /// Job attempts by queue, kind and outcome: completed, failed or dead
        attempts: Counters<3> = "job_attempts";
        /// Duration of one job attempt
        job_seconds: JobDurations = "job_seconds";
        /// Time from an event to the completion of its job
        job_latency_seconds: JobDurations = "job_latency_seconds";
    }
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
            let then = then.iter().copied().chain(iter::repeat(0));
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

impl JobMetrics {
    /// Shows the outcomes of these kinds of jobs, each with its queue, from the start.
    pub(super) fn expect(&self, kinds: impl Iterator<Item = (&'static str, &'static str)>) {
        for (queue, kind) in kinds {
            for outcome in ["completed", "failed", "dead"] {
                drop(self.attempts.get_or_create(&attempt(queue, kind, outcome)));
            }
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
        self.attempts.get_or_create(&attempt(queue, kind, outcome)).inc();
        let labels = [("queue", queue), ("kind", kind)];
        self.job_seconds.get_or_create(&labels).observe(took);
        if let Some(latency) = latency {
            self.job_latency_seconds.get_or_create(&labels).observe(latency);
        }
    }

    /// The attempts of a kind since this process started.
    #[must_use]
    pub fn totals(&self, queue: &'static str, kind: &'static str) -> JobTotals {
        let count = |outcome| {
            let counter = self.attempts.get(&attempt(queue, kind, outcome));
            counter.map_or(0, |counter| i64::try_from(counter.get()).unwrap_or(i64::MAX))
        };
        let durations = |family: &JobDurations| {
            let durations = family.get(&[("queue", queue), ("kind", kind)]);
            durations.map(|durations| durations.counts()).unwrap_or_default()
        };
        JobTotals {
            completed: count("completed"),
            failed: count("failed"),
            dead: count("dead"),
            run_times: durations(&self.job_seconds),
            latencies: durations(&self.job_latency_seconds),
        }
    }
}

fn attempt(queue: &'static str, kind: &'static str, outcome: &'static str) -> Labels<3> {
    [("queue", queue), ("kind", kind), ("outcome", outcome)]
}
