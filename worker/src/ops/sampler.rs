//! Takes snapshots, one task per process, so that pages and metrics only read.

use std::{sync::Arc, time::Duration};

use keyward_core::App;
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use super::snapshot::QueueSnapshot;

/// The shortest interval between snapshots.
const MIN_INTERVAL: Duration = Duration::from_secs(2);
/// The interval is this many times the duration of the last snapshot,
const COST_FACTOR: u32 = 10;
/// but no longer than this.
const MAX_INTERVAL: Duration = Duration::from_secs(15);
/// Longest time of a snapshot.
const SNAPSHOT_TIMEOUT: Duration = Duration::from_secs(20);

/// The latest snapshot. Cheap to clone; reading it costs Postgres nothing.
#[derive(Debug, Clone)]
pub struct Sampler(watch::Receiver<Option<Arc<QueueSnapshot>>>);

impl Sampler {
    /// Also returns the task that takes snapshots until `stop` is cancelled.
    pub(crate) fn start(
        app: App,
        nats: async_nats::Client,
        stop: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (sender, receiver) = watch::channel(None);
        let sampling = async move {
            let mut wait = Duration::ZERO;
            while stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_some() {
                let started_at = Instant::now();
                let taking = QueueSnapshot::take(&app, &nats);
                match tokio::time::timeout(SNAPSHOT_TIMEOUT, taking).await {
                    Ok(Ok(snapshot)) => drop(sender.send_replace(Some(Arc::new(snapshot)))),
                    Ok(Err(error)) => {
                        tracing::debug!(error = format!("{error:#}"), "a snapshot failed");
                    }
                    Err(_) => {
                        tracing::warn!("a snapshot took longer than {SNAPSHOT_TIMEOUT:?}");
                    }
                }
                wait = (started_at.elapsed() * COST_FACTOR).clamp(MIN_INTERVAL, MAX_INTERVAL);
            }
        };
        (Self(receiver), sampling)
    }

    /// The latest snapshot; `None` before the first. While Postgres is unreachable it gets older: the
    /// `now` of its [`backlog`](QueueSnapshot::backlog) says when it was taken.
    #[must_use]
    pub fn latest(&self) -> Option<Arc<QueueSnapshot>> {
        self.0.borrow().clone()
    }

    /// Waits for the next snapshot. Returns false when the process stops.
    pub(crate) async fn changed(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}
