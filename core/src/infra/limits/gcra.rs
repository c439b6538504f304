//! The generic cell rate algorithm (ITU-T I.371). The state of a bucket is one number, its
//! *theoretical arrival time*.

use std::time::Duration;

use crate::domain::Limit;

/// The outcome for one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The request may pass: the bucket's new time, and how many more requests may pass at once.
    Pass { tat: Duration, remaining: u32 },
    /// The request may pass after this long.
    Wait(Duration),
}

/// Decides about a request at `now`. Both times are measured from the same origin.
pub(super) fn decide(limit: Limit, tat: Duration, now: Duration) -> Outcome {
    let interval = limit.interval();
    let tat = tat.max(now) + interval;
    let tolerance = interval * limit.burst;
    match (tat - now).checked_sub(tolerance) {
        Some(over) if !over.is_zero() => Outcome::Wait(over),
        _ => {
            let free = tolerance.saturating_sub(tat - now);
            let remaining = (free.as_nanos() / interval.as_nanos().max(1)).try_into();
            Outcome::Pass { tat, remaining: remaining.unwrap_or(u32::MAX) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
                if let Outcome::Pass { tat: next, .. } = decide(limit, tat, now) {
                    (tat, passed) = (next, passed + 1);
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
                match decide(limit, tat, now) {
                    Outcome::Pass { tat: next, .. } => tat = next,
                    Outcome::Wait(wait) => {
                        let passes = matches!(decide(limit, tat, now + wait), Outcome::Pass { .. });
                        prop_assert!(passes);
                    }
                }
            }
        }
    }
}
