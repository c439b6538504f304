//! Delays between retries.

use std::time::Duration;

/// The first delay.
const FIRST_DELAY: Duration = Duration::from_millis(250);
/// The longest delay.
const MAX_DELAY: Duration = Duration::from_secs(4);

/// Delays that double from a quarter of a second to four seconds. Each is shortened by a random part
/// of up to a half, so that what failed together is not retried together.
#[derive(Debug)]
pub struct RetryDelays(Duration);

impl Default for RetryDelays {
    fn default() -> Self {
        Self(FIRST_DELAY)
    }
}

impl RetryDelays {
    /// The next delay.
    pub fn next_delay(&mut self) -> Duration {
        let delay = self.0.mul_f64(1.0 - jitter() / 2.0);
        self.0 = (self.0 * 2).min(MAX_DELAY);
        delay
    }
}

/// A random number between 0 and 1.
#[must_use]
pub fn jitter() -> f64 {
    f64::from(uuid::Uuid::new_v4().as_bytes()[0]) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_four_seconds() {
        let mut delays = RetryDelays::default();
        for longest_ms in [250, 500, 1_000, 2_000, 4_000, 4_000] {
            let delay = delays.next_delay().as_millis();
            assert!((longest_ms / 2..=longest_ms).contains(&delay), "{delay}");
        }
    }
}
