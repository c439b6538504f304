//! The attempts of the last hour.

use std::collections::HashMap;

use super::{percentiles::Durations, store::minutes::KindMinute};

/// Minutes in an hour.
pub(super) const MINUTES: usize = 60;

/// The attempts of a kind within the last hour.
#[derive(Debug, Clone)]
pub struct LastHour {
    /// By minute, the latest last.
    pub minutes: [Minute; MINUTES],
    /// Durations of attempts.
    pub run_times: Durations,
    /// Times from the event to the completion of its job.
    pub latencies: Durations,
}

/// One minute.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Minute {
    /// Completed jobs.
    pub completed: i64,
    /// Failed attempts that another one follows.
    pub failed: i64,
    /// Attempts that ended with a dead job.
    pub dead: i64,
    /// The 95th percentile of the latencies, in milliseconds.
    pub latency_p95_ms: Option<f64>,
}

impl Default for LastHour {
    fn default() -> Self {
        Self {
            minutes: [Minute::default(); MINUTES],
            run_times: Durations::default(),
            latencies: Durations::default(),
        }
    }
}

impl LastHour {
    /// Completed jobs.
    #[must_use]
    pub fn completed(&self) -> i64 {
        self.minutes.iter().map(|minute| minute.completed).sum()
    }

    /// All failed attempts.
    #[must_use]
    pub fn failed(&self) -> i64 {
        self.minutes.iter().map(|minute| minute.failed + minute.dead).sum()
    }

    /// Several kinds together.
    #[must_use]
    pub fn sum<'a>(hours: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for hour in hours {
            for (all, one) in sum.minutes.iter_mut().zip(&hour.minutes) {
                all.completed += one.completed;
                all.failed += one.failed;
                all.dead += one.dead;
                // Of several kinds the slowest counts.
                all.latency_p95_ms = match (all.latency_p95_ms, one.latency_p95_ms) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    (a, b) => a.or(b),
                };
            }
            sum.run_times.add(&hour.run_times.0);
            sum.latencies.add(&hour.latencies.0);
        }
        sum
    }

    fn add(&mut self, row: &KindMinute) {
        let totals = &row.totals;
        let ago = usize::try_from(row.minutes_ago).unwrap_or(MINUTES);
        if let Some(nth) = (MINUTES - 1).checked_sub(ago) {
            self.minutes[nth] = Minute {
                completed: totals.completed,
                failed: totals.failed,
                dead: totals.dead,
                latency_p95_ms: Durations(totals.latencies.clone()).percentile_ms(0.95),
            };
        }
        self.run_times.add(&totals.run_times);
        self.latencies.add(&totals.latencies);
    }
}

/// The last hour of every kind that had attempts.
pub(super) fn by_kind(rows: &[KindMinute]) -> HashMap<&str, LastHour> {
    let mut hours = HashMap::<&str, LastHour>::new();
    for row in rows {
        hours.entry(&row.kind).or_default().add(row);
    }
    hours
}
