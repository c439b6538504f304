//! Whether what we depend on is there. Looked at once a second, however often somebody asks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::PgPool;

/// How often Postgres is asked, and how long it may take.
const EVERY: Duration = Duration::from_secs(1);

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

    /// Looks until it is dropped.
    pub(crate) async fn watch(&self, pool: &PgPool) {
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let asked = sqlx::query_scalar!("select 1 as one").fetch_one(pool);
            let is_up = matches!(tokio::time::timeout(EVERY, asked).await, Ok(Ok(_)));
            if self.postgres.swap(is_up, Ordering::Relaxed) != is_up {
                tracing::info!(is_up, "postgres {}", if is_up { "answers" } else { "is away" });
            }
        }
    }
}
