//! Delays between attempts.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Delays after failed attempts in seconds; after the last one it is repeated. Each is shortened by up
/// to a quarter at random, so that jobs that failed together do not come back together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff(pub(crate) &'static [u64]);

impl Backoff {
    /// The backoff of a job that sets none of its own.
    pub(crate) const DEFAULT: Self = Self(&[10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600]);

    /// The delay after the attempt with this number (from 1); `jitter` is between 0 and 1.
    pub(crate) fn after(self, attempt: usize, jitter: f64) -> Duration {
        let seconds = self.0.get(attempt.saturating_sub(1)).or(self.0.last()).copied();
        Duration::from_secs(seconds.unwrap_or_default()).mul_f64(1.0 - 0.25 * jitter)
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
    wait.mul_f64(1.0 + 0.25 * jitter)
}
