//! The limiter of one process, used while Redis is unavailable.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    Bucket, Verdict,
    gcra::{self, Outcome},
};

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
        let mut tats = self.tats.lock().unwrap_or_else(PoisonError::into_inner);
        if tats.len() >= MAX_BUCKETS {
            tats.retain(|_, tat| *tat > now);
        }
        let mut verdict = Verdict::FREE;
        let mut passes = Vec::with_capacity(buckets.len());
        for (nth, bucket) in buckets.iter().enumerate() {
            let key = bucket.key("");
            let known = tats.get(&key).copied();
            let tat = known.unwrap_or_default();
            let outcome = match gcra::decide(bucket.limit.strict(), tat, now) {
                Outcome::Pass { .. } if known.is_none() && tats.len() >= MAX_BUCKETS => {
                    Outcome::Wait(bucket.limit.interval())
                }
                outcome => outcome,
            };
            match outcome {
                Outcome::Pass { tat, remaining } => {
                    if verdict.is_allowed && remaining < verdict.remaining {
                        (verdict.tightest, verdict.remaining) = (nth, remaining);
                        verdict.reset_after = tat.saturating_sub(now);
                    }
                    passes.push((key, tat));
                }
                Outcome::Wait(wait) if wait > verdict.retry_after => {
                    verdict = Verdict {
                        is_allowed: false,
                        tightest: nth,
                        remaining: 0,
                        retry_after: wait,
                        reset_after: tat.saturating_sub(now),
                    };
                }
                Outcome::Wait(_) => {}
            }
        }
        if verdict.is_allowed {
            tats.extend(passes);
        }
        verdict
    }

    /// Undoes the count of one request.
    pub(crate) fn refund(&self, buckets: &[Bucket]) {
        let mut tats = self.tats.lock().unwrap_or_else(PoisonError::into_inner);
        for bucket in buckets {
            if let Some(tat) = tats.get_mut(&bucket.key("")) {
                *tat = tat.saturating_sub(bucket.limit.strict().interval());
            }
        }
    }

    /// Refills a bucket.
    pub(crate) fn empty(&self, bucket: &Bucket) {
        let mut tats = self.tats.lock().unwrap_or_else(PoisonError::into_inner);
        tats.remove(&bucket.key(""));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
