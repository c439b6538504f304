//! What the attempts of the last hour came to, from the minutes that the workers add up.

use std::collections::HashMap;

use keyward_core::operations::minutes::QueueMinute;

use super::histogram::Histogram;

/// Minutes in an hour.
pub(super) const MINUTES: usize = 60;

/// What the attempts of a queue came to within the last hour.
#[derive(Debug, Clone)]
pub struct Hour {
    /// Minute by minute, the latest last.
    pub minutes: [Minute; MINUTES],
    /// How long attempts took.
    pub run_times: Histogram,
    /// How long it took from the event until its job was done.
    pub latencies: Histogram,
}

/// One minute.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Minute {
    /// Jobs that were done.
    pub done: i64,
    /// Attempts that failed and are followed by another one.
    pub failed: i64,
    /// Jobs that were given up.
    pub dead: i64,
    /// 95 of 100 events had their effect within so many milliseconds.
    pub latency_p95_ms: Option<f64>,
}

impl Default for Hour {
    fn default() -> Self {
        Self {
            minutes: [Minute::default(); MINUTES],
            run_times: Histogram::default(),
            latencies: Histogram::default(),
        }
    }
}

impl Hour {
    /// Jobs that were done.
    #[must_use]
    pub fn done(&self) -> i64 {
        self.minutes.iter().map(|minute| minute.done).sum()
    }

    /// Attempts that failed, whatever followed.
    #[must_use]
    pub fn failed(&self) -> i64 {
        self.minutes.iter().map(|minute| minute.failed + minute.dead).sum()
    }

    /// Several queues as one.
    #[must_use]
    pub fn sum<'a>(hours: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for hour in hours {
            for (all, one) in sum.minutes.iter_mut().zip(&hour.minutes) {
                all.done += one.done;
                all.failed += one.failed;
                all.dead += one.dead;
                // The slowest queue is what somebody waits for.
                all.latency_p95_ms = match (all.latency_p95_ms, one.latency_p95_ms) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    (a, b) => a.or(b),
                };
            }
            sum.run_times.add(&hour.run_times);
            sum.latencies.add(&hour.latencies);
        }
        sum
    }

    fn note(&mut self, row: &QueueMinute) {
        let attempts = &row.attempts;
        let latencies = Histogram::from(attempts.latencies.as_slice());
        let ago = usize::try_from(row.minutes_ago).unwrap_or(MINUTES);
        if let Some(nth) = (MINUTES - 1).checked_sub(ago) {
            self.minutes[nth] = Minute {
                done: attempts.done,
                failed: attempts.failed,
                dead: attempts.dead,
                latency_p95_ms: latencies.percentile(0.95),
            };
        }
        self.run_times.add(&Histogram::from(attempts.run_times.as_slice()));
        self.latencies.add(&latencies);
    }
}

/// The last hour of every queue that had attempts in it.
pub(super) fn by_queue(rows: &[QueueMinute]) -> HashMap<&str, Hour> {
    let mut hours = HashMap::<&str, Hour>::new();
    for row in rows {
        hours.entry(&row.queue).or_default().note(row);
    }
    hours
}
