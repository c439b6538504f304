//! Queues that somebody has paused. Every process looks once a second.

use std::{collections::HashSet, sync::Arc, time::Duration};

use keyward_core::operations::pauses;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often a process looks, and how long that may take.
const EVERY: Duration = Duration::from_secs(1);

/// What this process knows of pauses. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Pauses(watch::Receiver<Option<Arc<HashSet<String>>>>);

impl Pauses {
    /// What is known, and the task that keeps it known until it is told to stop.
    pub(super) fn keep(
        pool: PgPool,
        stop: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (known, receiver) = watch::channel(None);
        let watching = async move {
            let mut tick = tokio::time::interval(EVERY);
            tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            while stop.run_until_cancelled(tick.tick()).await.is_some() {
                // While Postgres is away nothing begins anyway: what was known stays.
                if let Ok(Ok(paused)) = tokio::time::timeout(EVERY, read(&pool)).await {
                    known.send_if_modified(|known| {
                        let is_news = known.as_deref() != Some(&paused);
                        *known = Some(Arc::new(paused));
                        is_news
                    });
                }
            }
        };
        (Self(receiver), watching)
    }

    /// Waits until attempts may begin in a queue: known, and not paused.
    pub(super) async fn is_open(&self, queue: &str) {
        self.is(|paused| paused.is_some_and(|paused| !paused.contains(queue))).await;
    }

    /// Waits until a queue is paused.
    pub(super) async fn is_paused(&self, queue: &str) {
        self.is(|paused| paused.is_some_and(|paused| paused.contains(queue))).await;
    }

    async fn is(&self, so: impl Fn(Option<&HashSet<String>>) -> bool) {
        // Nobody looks any more: the process ends, and nothing changes.
        if self.0.clone().wait_for(|known| so(known.as_deref())).await.is_err() {
            std::future::pending().await
        }
    }
}

async fn read(pool: &PgPool) -> keyward_core::Result<HashSet<String>> {
    Ok(pauses::list(pool).await?.into_iter().map(|pause| pause.queue).collect())
}
