//! The time as a parameter.
//!
//! All processes use the time of Postgres, so that they agree on when a token or a link expires even if
//! their system clocks are wrong. Between two answers of Postgres the monotonic clock counts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

/// The time of Postgres; the system's before the first answer. Tests can advance it.
///
/// Clones share one time. It goes back only if it is later than Postgres' clock can be, not because an
/// answer was faster than the one before.
#[derive(Debug, Clone)]
pub struct Clock(Arc<ClockState>);

#[derive(Debug)]
struct ClockState {
    made_at: Instant,
    /// Microseconds from 1970 to `made_at`, by Postgres or, before the first answer, by the system.
    made_at_us: AtomicI64,
    /// Microseconds by which a test has advanced the clock.
    ahead_us: AtomicI64,
}

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(ClockState {
            made_at: Instant::now(),
            made_at_us: system().timestamp_micros().into(),
            ahead_us: AtomicI64::new(0),
        }))
    }
}

impl Clock {
    /// The current time, in whole microseconds like Postgres' timestamps.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let now_us = self.0.made_at_us.load(Ordering::Relaxed) + micros(self.0.made_at.elapsed());
        let ahead_us = self.0.ahead_us.load(Ordering::Relaxed);
        DateTime::from_timestamp_micros(now_us + ahead_us).unwrap_or_default()
    }

    /// Sets the clock by Postgres' answer to a query sent at `asked_at`. Returns how far the system's
    /// clock is ahead.
    pub(crate) fn sync(&self, answer: DateTime<Utc>, asked_at: Instant) -> chrono::Duration {
        let earliest_us = answer.timestamp_micros() - micros(self.0.made_at.elapsed());
        // Postgres read its clock at some time between the question and the answer.
        let latest_us = earliest_us + micros(asked_at.elapsed());
        let known_us = self.0.made_at_us.load(Ordering::Relaxed);
        self.0.made_at_us.store(known_us.clamp(earliest_us, latest_us), Ordering::Relaxed);
        system() - answer
    }

    /// Advances this clock and its clones; for tests.
    pub fn advance(&self, by: Duration) {
        self.0.ahead_us.fetch_add(micros(by), Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
fn system() -> DateTime<Utc> {
    Utc::now()
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: chrono::Duration = chrono::Duration::hours(1);

    fn is_about(left: DateTime<Utc>, right: DateTime<Utc>) -> bool {
        (left - right).abs() < chrono::Duration::seconds(5)
    }

    #[test]
    fn clock_follows_postgres_and_not_the_system() {
        for answer in [system() - HOUR, system() + HOUR] {
            let clock = Clock::default();
            let off = clock.sync(answer, Instant::now());
            assert!(is_about(clock.now(), answer));
            assert!(is_about(answer + off, system()));
        }
    }

    #[test]
    fn clock_starts_with_the_time_of_the_system() {
        assert!(is_about(Clock::default().now(), system()));
    }

    #[test]
    fn slow_answer_moves_the_clock_no_further_than_necessary() {
        let clock = Clock::default();
        let a_minute_ago = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        let before = clock.now();

        clock.sync(before - chrono::Duration::seconds(30), a_minute_ago);
        assert!(
            is_about(clock.now(), before),
            "Postgres may have read its clock half a minute ago"
        );

        clock.sync(before - HOUR, a_minute_ago);
        assert!(is_about(clock.now(), before - HOUR + chrono::Duration::seconds(60)));
    }

    #[test]
    fn faster_answer_does_not_set_the_clock_back() {
        let clock = Clock::default();
        let a_minute_ago = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        clock.sync(system() + HOUR, a_minute_ago);
        let slow = clock.now();

        clock.sync(system() + HOUR, Instant::now());

        assert!(clock.now() >= slow);
    }
}
