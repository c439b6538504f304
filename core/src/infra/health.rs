//! Whether this process can work. Checked once a second, however often clients ask for it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    cache::Cache,
    postgres::Pool,
    readiness::{Unready, examine},
};
use crate::infra::clock::Clock;

/// Interval of the check, and its timeout.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Difference between the system's clock and that of Postgres that is logged, in seconds.
const MAX_OFFSET_S: i64 = 5;
/// A relay that has not succeeded for longer cannot publish.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(15);

/// The result of the last checks.
#[derive(Debug, Clone)]
pub struct Health(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    unready: Option<Unready>,
    /// The number of applied migrations, if it is known.
    migrations: Option<i64>,
    /// The last known transaction.
    transaction: i64,
    /// When the relay last succeeded: published, or found nothing to publish.
    relayed_at: Instant,
}

impl Default for Health {
    fn default() -> Self {
        let now = Instant::now();
        let unready = Some(Unready::Postgres);
        Self(Arc::new(Mutex::new(State {
            unready,
            migrations: None,
            transaction: 0,
            relayed_at: now,
        })))
    }
}

impl Health {
    /// Whether Postgres answered the last check.
    #[must_use]
    pub fn postgres(&self) -> bool {
        self.lock().unready != Some(Unready::Postgres)
    }

    /// Why this process cannot work, according to the last check.
    #[must_use]
    pub fn unready(&self) -> Option<Unready> {
        self.lock().unready
    }

    /// Records that the relay has published, or found nothing to publish.
    pub fn relay_succeeded(&self) {
        self.lock().relayed_at = Instant::now();
    }

    /// Whether the relay of this process succeeded within the last 15 seconds.
    #[must_use]
    pub fn can_publish(&self) -> bool {
        self.lock().relayed_at.elapsed() < PUBLISH_TIMEOUT
    }

    /// Checks Postgres until it is dropped, and sets the clock by its answers. The cache is not trusted
    /// if the database has gone back.
    pub(crate) async fn watch(&self, read: &Pool, write: &Pool, clock: &Clock, cache: &Cache) {
        let mut was_off = false;
        let mut tick = tokio::time::interval(CHECK_INTERVAL);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let asked_at = Instant::now();
            let answer = tokio::time::timeout(CHECK_INTERVAL, examine(read)).await;
            let unready = match answer {
                Ok(Ok(answer)) => {
                    let off_s = clock.sync(answer.now, asked_at).num_seconds();
                    let is_off = off_s.abs() > MAX_OFFSET_S;
                    if is_off && !was_off {
                        tracing::warn!(
                            off_s,
                            "the system clock is {off_s} s ahead of postgres; using the time of postgres"
                        );
                    }
                    was_off = is_off;
                    self.note_migrations(answer.migrations, [read, write]);
                    let known = std::mem::replace(&mut self.lock().transaction, answer.transaction);
                    if answer.transaction < known {
                        tracing::warn!(
                            "the database is older than before: earlier cache entries are not trusted"
                        );
                        cache.distrust();
                    }
                    answer.unready
                }
                Ok(Err(unready)) => {
                    if unready == Unready::SchemaMissing {
                        self.note_migrations(0, [read, write]);
                    }
                    Some(unready)
                }
                Err(_) => Some(
                    read.failure().map_or(Unready::Postgres, |text| Unready::of_failure(&text)),
                ),
            };
            // The same wait that makes a request fail.
            let unready = match unready {
                None if write.acquire().await.is_err() => Some(Unready::Postgres),
                unready => unready,
            };
            let was = std::mem::replace(&mut self.lock().unready, unready);
            if was != unready {
                match unready {
                    Some(why) => tracing::warn!(reason = why.code(), "not ready: {}", why.text()),
                    None => tracing::info!("postgres is available"),
                }
            }
        }
    }

    /// Renews the connections after a migration: Postgres refuses statements that were prepared on an
    /// older schema (`cached plan must not change result type`).
    fn note_migrations(&self, count: i64, pools: [&Pool; 2]) {
        let known = self.lock().migrations.replace(count);
        if known.is_some_and(|known| known != count) {
            pools.into_iter().for_each(Pool::renew);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
