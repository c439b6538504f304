//! How long to wait after a failed attempt.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Waiting times after failed attempts, each with up to a quarter of jitter, so that jobs that
/// failed together do not come back together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Backoff {
    /// Doubles from the first to the longest.
    Doubling(Duration, Duration),
    /// These, in seconds; then the last one for ever.
    Steps(&'static [u64]),
}

impl Backoff {
    /// Of whatever says nothing else.
    pub(crate) const USUAL: Self = Self::seconds(10, 3600);

    pub(crate) const fn seconds(first: u64, longest: u64) -> Self {
        Self::Doubling(Duration::from_secs(first), Duration::from_secs(longest))
    }

    pub(crate) const fn steps(seconds: &'static [u64]) -> Self {
        Self::Steps(seconds)
    }

    /// The wait after the attempt with this number (from 1); `jitter` is between 0 and 1.
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

    /// When an attempt that fails now is followed by another one, at the latest; never, if it was the
    /// last of so many.
    pub(crate) fn next_try(
        self,
        attempt: i32,
        most: i32,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let wait = self.after(attempt.try_into().unwrap_or_default(), 0.0);
        (attempt < most).then(|| now + wait)
    }
}

/// How long a job waits that was taken before its turn: a quarter of its age, so that many of them
/// are not taken again and again; from a second to five minutes, with a quarter of jitter.
pub(super) fn by_age(age: Duration, jitter: f64) -> Duration {
    let wait = (age / 4).clamp(Duration::from_secs(1), Duration::from_secs(300));
    wait.mul_f64(1.0 + 0.25 * jitter.clamp(0.0, 1.0))
}
