//! The limiter of one process, used while Redis is unavailable.

use std::{
    cmp::{self, Reverse},
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{Bucket, Verdict};
use crate::domain::Limit;

/// Counts in memory and forgets full buckets.
#[derive(Debug)]
pub(crate) struct LocalLimiter {
    start: Instant,
    tats: Mutex<HashMap<String, Duration>>,
}

/// Maximum number of buckets, about 100 bytes each. Beyond it, new subjects are refused: a flood from
/// that many subjects while Redis is unavailable is an attack.
const MAX_BUCKETS: usize = 100_000;

impl Default for LocalLimiter {
    fn default() -> Self {
        Self { start: Instant::now(), tats: Mutex::default() }
    }
}

impl LocalLimiter {
    /// Decides like the script in Redis, twice as strictly.
    pub(crate) fn decide(&self, buckets: &[Bucket]) -> Verdict {
        let now = self.start.elapsed();
        let mut tats = self.tats();
        if tats.len() >= MAX_BUCKETS {
            tats.retain(|_, tat| *tat > now);
        }
        let is_full = tats.len() >= MAX_BUCKETS;
        let mut tightest = Verdict::FREE;
        let mut next_tats = Vec::with_capacity(buckets.len());
        for (nth, bucket) in buckets.iter().enumerate() {
            let (key, limit) = (bucket.key(""), bucket.limit.strict());
            let known = tats.get(&key).copied();
            let (next_tat, mut verdict) = gcra(limit, known.unwrap_or_default(), now);
            if is_full && known.is_none() {
                verdict = Verdict {
                    is_allowed: false,
                    remaining: 0,
                    retry_after: limit.interval(),
                    ..Verdict::FREE
                };
            }
            verdict.tightest = nth;
            let tightness = |verdict: &Verdict| (Reverse(verdict.retry_after), verdict.remaining);
            tightest = cmp::min_by_key(tightest, verdict, tightness);
            next_tats.push((key, next_tat));
        }
        if tightest.is_allowed {
            tats.extend(next_tats);
        }
        tightest
    }

    /// Undoes the count of one request.
    pub(crate) fn refund(&self, buckets: &[Bucket]) {
        let mut tats = self.tats();
        for bucket in buckets {
            if let Some(tat) = tats.get_mut(&bucket.key("")) {
                *tat = tat.saturating_sub(bucket.limit.strict().interval());
            }
        }
    }

    fn tats(&self) -> MutexGuard<'_, HashMap<String, Duration>> {
        self.tats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Decides about a request at `now` by the generic cell rate algorithm (ITU-T I.371). The state of a
/// bucket is one number, its *theoretical arrival time* (`tat`). Returns the bucket's time if the request
/// is counted, and the verdict. All times are measured from the same origin.
fn gcra(limit: Limit, tat: Duration, now: Duration) -> (Duration, Verdict) {
    let interval = limit.interval();
    let tolerance = interval * limit.burst;
    let next_tat = tat.max(now) + interval;
    let retry_after = (next_tat - now).saturating_sub(tolerance);
    let is_allowed = retry_after.is_zero();
    let free = tolerance.saturating_sub(next_tat - now);
    let remaining = u32::try_from(free.as_nanos() / interval.as_nanos().max(1));
    let reset_at = if is_allowed { next_tat } else { tat };
    let verdict = Verdict {
        is_allowed,
        tightest: 0,
        remaining: remaining.unwrap_or(u32::MAX),
        retry_after,
        reset_after: reset_at.saturating_sub(now),
    };
    (next_tat, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_the_burst_passes_and_refusals_are_not_counted() {
        let limiter = LocalLimiter::default();
        let wide = Bucket::new("wide", "100/60".parse().unwrap(), "a");
        let narrow = Bucket::new("narrow", "4/3600".parse().unwrap(), "a");
        let both = [wide.clone(), narrow];

        let verdicts: Vec<_> = (0..10).map(|_| limiter.decide(&both)).collect();

        assert_eq!(verdicts.iter().filter(|verdict| verdict.is_allowed).count(), 2);
        assert_eq!(verdicts[9].tightest, 1);
        assert!(verdicts[9].retry_after > Duration::from_secs(1_700));
        assert_eq!(
            limiter.decide(std::slice::from_ref(&wide)).remaining,
            47,
            "the wide bucket counted the two requests that passed"
        );
        limiter.refund(std::slice::from_ref(&wide));
        assert_eq!(limiter.decide(&[wide]).remaining, 47, "a refunded request is available again");
    }

    proptest! {
        #[test]
        fn at_most_the_burst_and_one_per_interval_pass(
            burst in 1_u32..50,
            period_s in 1_u64..1_000,
            gaps_ms in proptest::collection::vec(0_u64..20_000, 1..300),
        ) {
            let limit = Limit { burst, period: Duration::from_secs(period_s) };
            let (mut tat, mut now, mut passed) = (Duration::ZERO, Duration::ZERO, 0_u128);
            for gap in gaps_ms {
                now += Duration::from_millis(gap);
                let (next_tat, verdict) = gcra(limit, tat, now);
                if verdict.is_allowed {
                    (tat, passed) = (next_tat, passed + 1);
                }
                let earned = now.as_nanos() / limit.interval().as_nanos();
                prop_assert!(passed <= u128::from(burst) + earned);
            }
        }

        #[test]
        fn request_passes_after_the_announced_wait(burst in 1_u32..50, period_s in 1_u64..1_000, tries in 1_u32..200) {
            let limit = Limit { burst, period: Duration::from_secs(period_s) };
            let (mut tat, now) = (Duration::ZERO, Duration::from_secs(7));
            for _ in 0..tries {
                let (next_tat, verdict) = gcra(limit, tat, now);
                if verdict.is_allowed {
                    tat = next_tat;
                } else {
                    let (_, later) = gcra(limit, tat, now + verdict.retry_after);
                    prop_assert!(later.is_allowed);
                }
            }
        }
    }
}
