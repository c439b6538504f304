//! Delays between attempts.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Delays after failed attempts, each shortened by up to a quarter at random, so that jobs that
/// failed together do not come back together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Backoff {
    /// Doubles from the first delay to the longest.
    Doubling(Duration, Duration),
    /// These delays in seconds, then the last one for ever.
    Steps(&'static [u64]),
}

impl Backoff {
    /// The backoff of a job that sets none of its own.
    pub(crate) const DEFAULT: Self = Self::seconds(10, 3600);

    pub(crate) const fn seconds(first: u64, longest: u64) -> Self {
        Self::Doubling(Duration::from_secs(first), Duration::from_secs(longest))
    }

    /// The delay after the attempt with this number (from 1); `jitter` is between 0 and 1.
    pub(crate) fn after(self, attempt: usize, jitter: f64) -> Duration {
        let before = attempt.saturating_sub(1);
        let wait = match self {
            Self::Doubling(first, longest) => {
                let doublings = u32::try_from(before).unwrap_or(u32::MAX).min(31);
                first.saturating_mul(1 << doublings).min(longest)
            }
            Self::Steps(seconds) => {
                let step = seconds.get(before).or(seconds.last()).copied();
                Duration::from_secs(step.unwrap_or_default())
            }
        };
        wait.mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
    }

    /// The latest time of the attempt after one that fails at `now`; `None` after the last attempt.
    pub(crate) fn next_attempt_at(
        self,
        attempt: i32,
        max_attempts: i32,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let wait = self.after(attempt.try_into().unwrap_or_default(), 0.0);
        (attempt < max_attempts).then(|| now + wait)
    }
}

/// The delay of a postponed job: a quarter of its age, from one second to five minutes, lengthened by
/// up to a quarter at random. So a long queue of them is not fetched again and again.
pub(super) fn by_age(age: Duration, jitter: f64) -> Duration {
    let wait = (age / 4).clamp(Duration::from_secs(1), Duration::from_secs(300));
    wait.mul_f64(1.0 + 0.25 * jitter.clamp(0.0, 1.0))
}
