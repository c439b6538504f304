//! Pauses of queues and of kinds of jobs. Every process reads them once a second.

use std::{collections::HashSet, sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::rows;
use crate::supervise::supervise;

/// How often a process reads the pauses, and how long that may take.
const READ_INTERVAL: Duration = Duration::from_secs(1);

type Names = HashSet<String>;

/// The paused queues and kinds. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct PauseWatch(watch::Receiver<Option<Arc<Names>>>);

impl PauseWatch {
    /// Also returns the task that reads the pauses until `stop` is cancelled.
    pub(super) fn start(
        pool: PgPool,
        stop: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (sender, receiver) = watch::channel(None::<Arc<Names>>);
        let watching = async move {
            // While Postgres is unreachable no attempt starts, so the last known pauses stay.
            let update = async || {
                let paused = tokio::time::timeout(READ_INTERVAL, read(&pool)).await??;
                if sender.borrow().as_deref() != Some(&paused) {
                    let names: Vec<_> = paused.iter().cloned().collect();
                    sender.send_replace(Some(Arc::new(paused)));
                    // This process postpones no job of a resumed kind from here on.
                    rows::resume_postponed(&pool, &names).await?;
                }
                Ok(READ_INTERVAL)
            };
            supervise("reading of pauses", &stop, update).await;
        };
        (Self(receiver), watching)
    }

    /// Waits until the queue is known not to be paused.
    pub(super) async fn is_open(&self, queue: &str) {
        self.wait_for(|paused| paused.is_some_and(|paused| !paused.contains(queue))).await;
    }

    /// Waits until the queue is paused.
    pub(super) async fn is_paused(&self, queue: &str) {
        self.wait_for(|paused| paused.is_some_and(|paused| paused.contains(queue))).await;
    }

    /// Whether a queue or kind of this name is paused.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.borrow().as_ref().is_some_and(|paused| paused.contains(name))
    }

    async fn wait_for(&self, condition: impl Fn(Option<&Names>) -> bool) {
        // An error means that the task has ended with the process: nothing changes any more.
        if self.0.clone().wait_for(|paused| condition(paused.as_deref())).await.is_err() {
            std::future::pending().await
        }
    }
}

async fn read(pool: &PgPool) -> sqlx::Result<Names> {
    let names: Vec<String> =
        sqlx::query_scalar("select queue from queue_pauses").fetch_all(pool).await?;
    Ok(names.into_iter().collect())
}
