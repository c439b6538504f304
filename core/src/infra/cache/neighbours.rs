//! Who cannot reach Redis asks whoever can.
//!
//! An outage that all see is harmless: nobody believes the cache then. One that only the process has
//! that changes something is not: others would go on to believe what they find. So it asks them to
//! write its tombstones, through Postgres, which it has just reached. One answer is enough, because
//! all read the same Redis. Without one nobody can reach Redis, or nobody has heard: then the worker's
//! job is what puts it right.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::{
    PgPool,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::{Cache, Invalidation};

/// The channels of Postgres: what is to be buried, and which of it is.
const ASKED: &str = "keyward_bury";
const DONE: &str = "keyward_buried";
/// A notice holds up to 8,000 bytes.
const AT_ONCE: usize = 64;
/// Answers that are not read yet. Whoever misses one has asked in vain.
const UNREAD: usize = 1_024;

#[derive(Debug, Serialize, Deserialize)]
struct Request {
    id: Uuid,
    invalidations: Vec<Invalidation>,
}

/// The other processes of this installation, reached through Postgres.
#[derive(Debug)]
pub(crate) struct Neighbours {
    /// The requests that somebody has answered.
    done: broadcast::Sender<Uuid>,
}

impl Neighbours {
    /// For so long an answer is waited for: everybody has looked for Redis by then, see
    /// [`Cache::WATCH_EVERY`].
    const REPLY_TIMEOUT: Duration = Cache::WATCH_EVERY.saturating_mul(2);
    /// A pause before Postgres is listened to again.
    const PAUSE: Duration = Duration::from_secs(1);

    pub(crate) fn new() -> Self {
        Self { done: broadcast::Sender::new(UNREAD) }
    }

    /// Has others write tombstones; whether they did.
    pub(crate) async fn write_tombstones(
        &self,
        pool: &PgPool,
        invalidations: &[Invalidation],
    ) -> bool {
        let asked = invalidations.chunks(AT_ONCE).map(|some| self.ask(pool, some));
        let asked = futures_util::future::try_join_all(asked);
        matches!(tokio::time::timeout(Self::REPLY_TIMEOUT, asked).await, Ok(Ok(_)))
    }

    async fn ask(&self, pool: &PgPool, invalidations: &[Invalidation]) -> anyhow::Result<()> {
        let request = Request { id: Uuid::new_v4(), invalidations: invalidations.to_vec() };
        let mut done = self.done.subscribe();
        notify(pool, ASKED, &serde_json::to_string(&request)?).await?;
        while done.recv().await? != request.id {}
        Ok(())
    }

    /// Helps others, and hears who has helped this process, until it is dropped.
    pub(crate) async fn help(&self, pool: &PgPool, cache: &Cache) {
        loop {
            if let Err(error) = self.listen(pool, cache).await {
                tracing::debug!(%error, "postgres cannot be listened to");
            }
            tokio::time::sleep(Self::PAUSE).await;
        }
    }

    async fn listen(&self, pool: &PgPool, cache: &Cache) -> sqlx::Result<()> {
        // A connection of its own: work may have all those of the pool.
        let own = PgPoolOptions::new().max_connections(1);
        let own = own.connect_lazy_with(pool.connect_options().as_ref().clone());
        let mut listener = PgListener::connect_with(&own).await?;
        listener.listen_all([ASKED, DONE]).await?;
        loop {
            let notice = listener.recv().await?;
            if notice.channel() == DONE {
                // An error is that nobody waits.
                notice.payload().parse().map(|id| self.done.send(id).ok()).ok();
            } else if let Ok(request) = serde_json::from_str::<Request>(notice.payload())
                && cache.is_up()
                && cache.try_write_tombstones(&request.invalidations).await.is_ok()
            {
                notify(pool, DONE, &request.id.to_string()).await?;
            }
        }
    }
}

async fn notify(pool: &PgPool, channel: &str, payload: &str) -> sqlx::Result<()> {
    sqlx::query!("select pg_notify($1, $2)", channel, payload).fetch_one(pool).await.map(drop)
}
