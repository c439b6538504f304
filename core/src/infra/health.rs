//! Whether what we depend on is there. Looked at once a second, however often somebody asks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::PgPool;

use crate::infra::clock::Clock;

/// How often Postgres is asked, and how long it may take.
const EVERY: Duration = Duration::from_secs(1);
/// Seconds that the system's clock may differ from that of Postgres before somebody is told.
const OFF_S: i64 = 5;

/// What was seen of Postgres the last time.
#[derive(Debug, Clone, Default)]
pub struct Health {
    postgres: Arc<AtomicBool>,
}

impl Health {
    /// Whether Postgres answered the last time it was asked.
    #[must_use]
    pub fn postgres(&self) -> bool {
        self.postgres.load(Ordering::Relaxed)
    }

    /// Looks until it is dropped, and sets the clock by what Postgres says.
    pub(crate) async fn watch(&self, pool: &PgPool, clock: &Clock) {
        let mut was_off = false;
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let asked_at = Instant::now();
            let asked =
                sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(pool);
            let answer = tokio::time::timeout(EVERY, asked).await.ok().and_then(Result::ok);
            if let Some(answer) = answer {
                let off_s = clock.sync(answer, asked_at).num_seconds();
                let is_off = off_s.abs() > OFF_S;
                if is_off && !was_off {
                    tracing::warn!(
                        off_s,
                        "the clock of this machine is {off_s} s ahead of that of postgres, which counts"
                    );
                }
                was_off = is_off;
            }
            let is_up = answer.is_some();
            if self.postgres.swap(is_up, Ordering::Relaxed) != is_up {
                tracing::info!(is_up, "postgres {}", if is_up { "answers" } else { "is away" });
            }
        }
    }
}
