//! The attempts of the last hour.

use keyward_core::infra::metrics::DURATION_BUCKETS_S;

use super::store::minutes::KindMinute;

/// Minutes in an hour.
const MINUTES: usize = 60;

/// The attempts within the last hour: of one kind, or of all.
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
    /// Failed attempts.
    pub failed: i64,
    /// The 95th percentile of the latencies, in milliseconds; of several kinds the slowest.
    pub latency_p95_ms: Option<f64>,
}

impl LastHour {
    /// Sums up minutes.
    #[must_use]
    pub fn of<'a>(minutes: impl IntoIterator<Item = &'a KindMinute>) -> Self {
        let mut hour = Self {
            minutes: [Minute::default(); MINUTES],
            run_times: Durations::default(),
            latencies: Durations::default(),
        };
        for row in minutes {
            let ago = usize::try_from(row.minutes_ago).unwrap_or(MINUTES);
            if let Some(nth) = (MINUTES - 1).checked_sub(ago) {
                let minute = &mut hour.minutes[nth];
                let latency = Durations(row.latencies.clone()).percentile_ms(0.95);
                minute.completed += row.completed;
                minute.failed += row.failed + row.dead;
                minute.latency_p95_ms =
                    latency.into_iter().chain(minute.latency_p95_ms).reduce(f64::max);
            }
            hour.run_times.add(&row.run_times);
            hour.latencies.add(&row.latencies);
        }
        hour
    }

    /// Completed jobs.
    #[must_use]
    pub fn completed(&self) -> i64 {
        self.minutes.iter().map(|minute| minute.completed).sum()
    }

    /// Failed attempts.
    #[must_use]
    pub fn failed(&self) -> i64 {
        self.minutes.iter().map(|minute| minute.failed).sum()
    }
}

/// How many durations fell into each bucket of [`DURATION_BUCKETS_S`], and above the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Durations(Vec<i64>);

impl Durations {
    fn add(&mut self, other: &[i64]) {
        let length = self.0.len().max(other.len());
        self.0.resize(length, 0);
        for (count, more) in self.0.iter_mut().zip(other) {
            *count += more;
        }
    }

    /// A percentile in milliseconds, for example the share 0.95; linear within a bucket. `None` without
    /// a duration.
    #[must_use]
    pub fn percentile_ms(&self, share: f64) -> Option<f64> {
        let wanted = share * self.0.iter().sum::<i64>() as f64;
        let (mut below, mut lower) = (0.0, 0.0);
        for (nth, &count) in self.0.iter().enumerate() {
            // The last bucket has no end: its lower bound is all that is known.
            let upper = DURATION_BUCKETS_S.get(nth).copied().unwrap_or(lower);
            let count = count as f64;
            if count > 0.0 && below + count >= wanted {
                let part = ((wanted - below) / count).clamp(0.0, 1.0);
                return Some((lower + (upper - lower) * part) * 1_000.0);
            }
            (below, lower) = (below + count, upper);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_durations_have_no_percentile() {
        assert_eq!(Durations::default().percentile_ms(0.5), None);
    }

    proptest! {
        #[test]
        fn percentile_is_in_the_bucket_of_the_exact_one(
            mut times in prop::collection::vec(0.0002_f64..200.0, 1..300),
        ) {
            let bucket = |time: f64| DURATION_BUCKETS_S.partition_point(|bound| *bound < time);
            let mut durations = Durations(vec![0; DURATION_BUCKETS_S.len() + 1]);
            for &time in &times {
                durations.0[bucket(time)] += 1;
            }
            times.sort_by(f64::total_cmp);
            for share in [0.5, 0.95, 0.99] {
                let nth = ((share * times.len() as f64).ceil() as usize).clamp(1, times.len());
                let (exact, found) = (times[nth - 1], durations.percentile_ms(share).unwrap());
                prop_assert_eq!(bucket(found / 1_000.0 - 1e-9), bucket(exact), "{}", found);
            }
        }
    }
}
