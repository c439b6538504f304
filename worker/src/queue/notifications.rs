//! Wakes the queues when jobs are inserted.

use std::{collections::HashMap, time::Duration};

use serde::Deserialize;
use sqlx::{PgPool, postgres::PgListener};
use tokio_util::sync::CancellationToken;

use super::poller::Waker;
use crate::supervise::supervise;

/// Wakes queues until `stop` is cancelled. The poller finds jobs whose notification is lost.
pub(super) async fn run(
    pool: PgPool,
    wakers: HashMap<&'static str, Waker>,
    stop: CancellationToken,
) {
    let wake = async || {
        let end = stop.run_until_cancelled(listen(&pool, &wakers)).await;
        end.unwrap_or(Ok(Duration::ZERO))
    };
    supervise("waking of queues", &stop, wake).await;
}

/// One connection for all queues of the process. Returns only errors.
async fn listen(pool: &PgPool, wakers: &HashMap<&'static str, Waker>) -> anyhow::Result<Duration> {
    #[derive(Deserialize)]
    struct Inserted {
        job_type: String,
    }
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen("apalis::job::insert").await?;
    loop {
        let notification = listener.recv().await?;
        let inserted = serde_json::from_str::<Inserted>(notification.payload()).ok();
        if let Some(waker) = inserted.and_then(|job| wakers.get(job.job_type.as_str())) {
            waker.send_replace(());
        }
    }
}
