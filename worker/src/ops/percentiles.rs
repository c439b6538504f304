//! Percentiles from the buckets of a histogram.

use keyward_core::infra::metrics::DURATION_BUCKETS_S;

/// How many durations fell into each bucket of [`DURATION_BUCKETS_S`], and above the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Durations(pub(super) Vec<i64>);

impl Durations {
    pub(super) fn add(&mut self, other: &[i64]) {
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
