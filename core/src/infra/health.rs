//! Whether Postgres is available. Checked once a second, however often clients ask for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::infra::{clock::Clock, postgres::Pool};

/// Interval of the check, and its timeout.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Difference between the system's clock and that of Postgres that is logged, in seconds.
const MAX_OFFSET_S: i64 = 5;

/// The result of the last check.
#[derive(Debug, Clone, Default)]
pub struct Health {
    postgres: Arc<AtomicBool>,
}

impl Health {
    /// Whether Postgres answered the last check.
    #[must_use]
    pub fn postgres(&self) -> bool {
        self.postgres.load(Ordering::Relaxed)
    }

    /// Checks Postgres until it is dropped, and sets the clock by its answers.
    pub(crate) async fn watch(&self, pool: &Pool, clock: &Clock) {
        let mut was_off = false;
        let mut tick = tokio::time::interval(CHECK_INTERVAL);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let asked_at = Instant::now();
            let asked =
                sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(pool);
            let answer =
                tokio::time::timeout(CHECK_INTERVAL, asked).await.ok().and_then(Result::ok);
            if let Some(answer) = answer {
                let off_s = clock.sync(answer, asked_at).num_seconds();
                let is_off = off_s.abs() > MAX_OFFSET_S;
                if is_off && !was_off {
                    tracing::warn!(
                        off_s,
                        "the system clock is {off_s} s ahead of postgres; using the time of postgres"
                    );
                }
                was_off = is_off;
            }
            let is_up = answer.is_some();
            if self.postgres.swap(is_up, Ordering::Relaxed) != is_up {
                let state = if is_up { "available" } else { "unavailable" };
                tracing::info!(is_up, "postgres is {state}");
            }
        }
    }
}
