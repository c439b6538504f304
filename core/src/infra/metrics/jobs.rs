//! Metrics of jobs.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use prometheus_client::metrics::{family::Family, histogram::Histogram};

use super::families::{Counters, Labels};

/// Upper bounds of the buckets of jobs in seconds, from a millisecond to a day. A last bucket has the
/// rest.
pub const DURATION_BUCKETS_S: [f64; 19] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    300.0, 1_800.0, 7_200.0, 86_400.0,
];

/// Histograms by queue and kind.
type JobDurations = Family<Labels<2>, Histogram, fn() -> Histogram>;

fn job_durations() -> JobDurations {
    Family::new_with_constructor(|| Histogram::new(DURATION_BUCKETS_S))
}

metrics! {
    /// The metrics.
    pub(super) struct JobMetrics {
        /// Job attempts by queue, kind and outcome: completed, failed or dead
        attempts: Counters<3> = "job_attempts";
        /// Duration of one job attempt
        job_seconds: JobDurations = "job_seconds", job_durations();
        /// Time from an event to the completion of its job
        job_latency_seconds: JobDurations = "job_latency_seconds", job_durations();
    }
}

/// Metrics of jobs, and their totals for the board: metrics cannot be read back.
#[derive(Debug, Default)]
pub struct Jobs {
    pub(super) metrics: JobMetrics,
    totals: Mutex<HashMap<&'static str, JobTotals>>,
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
    fn add(&mut self, outcome: &str, took: Duration, latency: Option<Duration>) {
        match outcome {
            "completed" => self.completed += 1,
            "failed" => self.failed += 1,
            _ => self.dead += 1,
        }
        let durations = [(&mut self.run_times, Some(took)), (&mut self.latencies, latency)];
        for (counts, duration) in durations {
            let Some(duration) = duration else { continue };
            let seconds = duration.as_secs_f64();
            let bucket = DURATION_BUCKETS_S.partition_point(|bound| *bound < seconds);
            counts.resize(DURATION_BUCKETS_S.len() + 1, 0);
            counts[bucket] += 1;
        }
    }

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

impl Jobs {
    /// Shows the outcomes of these kinds of jobs, each with its queue, from the start.
    pub(super) fn expect(&self, kinds: impl Iterator<Item = (&'static str, &'static str)>) {
        for (queue, kind) in kinds {
            for outcome in ["completed", "failed", "dead"] {
                drop(self.metrics.attempts.get_or_create(&attempt(queue, kind, outcome)));
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
        self.metrics.attempts.get_or_create(&attempt(queue, kind, outcome)).inc();
        let labels = [("queue", queue), ("kind", kind)];
        self.metrics.job_seconds.get_or_create(&labels).observe(took.as_secs_f64());
        if let Some(latency) = latency {
            self.metrics.job_latency_seconds.get_or_create(&labels).observe(latency.as_secs_f64());
        }
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.entry(kind).or_default().add(outcome, took, latency);
    }

    /// The attempts of a kind since this process started.
    #[must_use]
    pub fn totals(&self, kind: &str) -> JobTotals {
        let totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.get(kind).cloned().unwrap_or_default()
    }
}

fn attempt(queue: &'static str, kind: &'static str, outcome: &'static str) -> Labels<3> {
    [("queue", queue), ("kind", kind), ("outcome", outcome)]
}
