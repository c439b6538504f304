//! The one task of a process that looks at the whole, so that pages and gauges only read.

use std::{sync::Arc, time::Duration};

use keyward_core::App;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::census::Census;

/// How often it looks, if a look costs next to nothing.
const EVERY: Duration = Duration::from_secs(2);
/// A look may cost this part of the time: one that took a second is followed by ten without one.
const SHARE: u32 = 10;
/// But so often it looks whatever it costs.
const AT_LEAST_EVERY: Duration = Duration::from_secs(15);
/// How long a look may take.
const SNAPSHOT_TIMEOUT: Duration = Duration::from_secs(20);

/// The latest census. Cheap to clone; reading it costs Postgres nothing.
#[derive(Debug, Clone)]
pub struct Lookout(watch::Receiver<Option<Arc<Census>>>);

impl Lookout {
    /// The latest census; nothing before the first. The `now` of its
    /// [`backlog`](Census::backlog) says when it was taken: while Postgres is away, it gets older.
    #[must_use]
    pub fn latest(&self) -> Option<Arc<Census>> {
        self.0.borrow().clone()
    }

    /// Waits for the next one; false when there will be none, because the process ends.
    pub(crate) async fn next(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

/// A lookout, and the task that keeps it until it is told to stop.
pub(crate) fn keep(
    app: App,
    nats: async_nats::Client,
    stop: CancellationToken,
) -> (Lookout, impl Future<Output = ()> + Send) {
    let (sender, receiver) = watch::channel(None);
    let watching = async move {
        let mut wait = Duration::ZERO;
        while stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_some() {
            let began_at = tokio::time::Instant::now();
            match tokio::time::timeout(SNAPSHOT_TIMEOUT, Census::take(&app, &nats)).await {
                Ok(Ok(census)) => drop(sender.send_replace(Some(Arc::new(census)))),
                Ok(Err(error)) => {
                    tracing::debug!(error = format!("{error:#}"), "the census is put off");
                }
                Err(_) => {
                    tracing::warn!("the census took longer than {} s", SNAPSHOT_TIMEOUT.as_secs())
                }
            }
            wait = (began_at.elapsed() * SHARE).clamp(EVERY, AT_LEAST_EVERY);
        }
    };
    (Lookout(receiver), watching)
}
