//! How long to wait after a failed attempt.

use std::time::Duration;

/// Waiting times that double from the first to the longest, each with up to a quarter of jitter,
/// so that jobs that failed together do not come back together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    pub(crate) const fn seconds(first: u64, longest: u64) -> Self {
        Self { first: Duration::from_secs(first), longest: Duration::from_secs(longest) }
    }

    /// The wait after the attempt with this number (from 1); `jitter` is between 0 and 1.
    pub(super) fn after(self, attempt: usize, jitter: f64) -> Duration {
        let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX).min(31);
        let wait = self.first.saturating_mul(1 << doublings).min(self.longest);
        wait.mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
    }
}
