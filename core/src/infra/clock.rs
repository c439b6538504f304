//! The time as a parameter.
//!
//! Postgres tells it, as soon as it has been heard: the clocks of our machines may be wrong, each in
//! its own way, and yet all must agree on when a token or a link ends. From one look at Postgres to
//! the next the time goes on by the monotonic clock, which nobody sets.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

/// Tells the time: that of Postgres, the system's before Postgres has been heard, or one that a test
/// sets.
///
/// It is never set back because an answer was quicker than the one before: only if it is later than
/// Postgres can be.
#[derive(Debug, Clone)]
pub struct Clock(Arc<ClockState>);

#[derive(Debug)]
struct ClockState {
    made_at: Instant,
    /// Microseconds from 1970 to `made_at`, by Postgres, or by the system before that.
    made_at_us: AtomicI64,
    /// Microseconds added to all that; only tests do.
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
    /// Now, in whole microseconds as Postgres keeps them.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let now_us = self.0.made_at_us.load(Ordering::Relaxed) + micros(self.0.made_at.elapsed());
        let ahead_us = self.0.ahead_us.load(Ordering::Relaxed);
        DateTime::from_timestamp_micros(now_us + ahead_us).unwrap_or_default()
    }

    /// Notes what Postgres answered to somebody who asked for the time at `asked_at`; returns how far
    /// the system's clock is ahead of it.
    pub(crate) fn sync(&self, answer: DateTime<Utc>, asked_at: Instant) -> chrono::Duration {
        let earliest_us = answer.timestamp_micros() - micros(self.0.made_at.elapsed());
        // When it looked at its clock, while the answer was on its way, nobody knows.
        let latest_us = earliest_us + micros(asked_at.elapsed());
        let known_us = self.0.made_at_us.load(Ordering::Relaxed);
        self.0.made_at_us.store(known_us.clamp(earliest_us, latest_us), Ordering::Relaxed);
        system() - answer
    }

    /// Moves this clock and every clone of it forward; only tests do.
    pub fn advance(&self, by: Duration) {
        self.0.ahead_us.fetch_add(micros(by), Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
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
    fn it_is_as_late_as_postgres_says_however_late_the_system_says_it_is() {
        for answer in [system() - HOUR, system() + HOUR] {
            let clock = Clock::default();
            let off = clock.sync(answer, Instant::now());
            assert!(is_about(clock.now(), answer));
            assert!(is_about(answer + off, system()));
        }
    }

    #[test]
    fn before_postgres_has_been_heard_the_system_is_believed() {
        assert!(is_about(Clock::default().now(), system()));
    }

    #[test]
    fn an_answer_that_was_long_on_its_way_moves_it_no_further_than_it_must() {
        let clock = Clock::default();
        let a_minute_ago = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        let before = clock.now();

        clock.sync(before - chrono::Duration::seconds(30), a_minute_ago);
        assert!(is_about(clock.now(), before), "it may have looked half a minute ago");

        clock.sync(before - HOUR, a_minute_ago);
        assert!(is_about(clock.now(), before - HOUR + chrono::Duration::seconds(60)));
    }

    #[test]
    fn it_is_not_set_back_because_an_answer_is_quicker_than_the_one_before() {
        let clock = Clock::default();
        let a_minute_ago = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        clock.sync(system() + HOUR, a_minute_ago);
        let slow = clock.now();

        clock.sync(system() + HOUR, Instant::now());

        assert!(clock.now() >= slow);
    }
}
