//! Writes the job metrics of this process into `queue_minutes`, so that the board shows all processes.

use std::{collections::HashMap, time::Duration};

use keyward_core::{App, Error, Result, infra::metrics::JobTotals};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::store::{minutes, processes};
use crate::jobs;

/// How often the metrics are written.
const WRITE_INTERVAL: Duration = Duration::from_secs(3);
/// Longest time of one statement.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);

/// What is written already, by kind.
type Written = HashMap<&'static str, JobTotals>;

/// Writes the metrics, and that this process is alive, until `stop` is cancelled, and then a last time.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    let (id, host, mut written) = (Uuid::now_v7(), host(), Written::new());
    let mut tick = tokio::time::interval(WRITE_INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        let version = env!("CARGO_PKG_VERSION");
        let report = processes::report(&app.write, id, &host, std::process::id(), version);
        let results = [with_timeout(report).await, write(&app, &mut written).await];
        if let Some(error) = results.into_iter().find_map(Result::err) {
            tracing::debug!(%error, "the counters of the board are written later");
        }
    }
    let remove = with_timeout(processes::remove(&app.write, id));
    let results = [remove.await, write(&app, &mut written).await];
    if let Some(error) = results.into_iter().find_map(Result::err) {
        tracing::warn!(%error, "the last attempts of this process are missing on the board");
    }
}

/// Adds what has changed to the current minute. What fails is written the next time.
async fn write(app: &App, written: &mut Written) -> Result<()> {
    for (queue, kind) in jobs::kinds() {
        let totals = app.metrics.jobs.totals(queue, kind);
        let known = written.entry(kind).or_default();
        if totals != *known {
            with_timeout(minutes::add(&app.write, kind, &totals.since(known))).await?;
            *known = totals;
        }
    }
    Ok(())
}

async fn with_timeout(writing: impl Future<Output = Result<()>>) -> Result<()> {
    let late = |_| Err(Error::Unavailable(anyhow::anyhow!("a statement timed out")));
    tokio::time::timeout(WRITE_TIMEOUT, writing).await.unwrap_or_else(late)
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname");
    name.map_or_else(|_| "unknown".to_owned(), |name| name.trim().to_owned())
}
