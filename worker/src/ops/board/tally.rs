//! What attempts come to, counted where they are made: an attempt costs a few additions in memory,
//! and every few seconds a process writes one row for each queue that had some.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use keyward_core::{
    App,
    operations::{
        minutes::{self, Attempts},
        processes,
    },
};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::histogram::Histogram;
use crate::{jobs::Job, queue::Outcome};

/// How often it is written.
const EVERY: Duration = Duration::from_secs(3);
/// Longest time that may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);

/// The counts of this process that are not written yet. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Tally(Arc<HashMap<&'static str, Counts>>);

#[derive(Debug)]
struct Counts {
    done: AtomicI64,
    failed: AtomicI64,
    dead: AtomicI64,
    run_times: [AtomicI64; Histogram::CLASSES],
    latencies: [AtomicI64; Histogram::CLASSES],
}

impl Default for Counts {
    fn default() -> Self {
        let classes = || std::array::from_fn(|_| AtomicI64::default());
        Self {
            done: AtomicI64::default(),
            failed: AtomicI64::default(),
            dead: AtomicI64::default(),
            run_times: classes(),
            latencies: classes(),
        }
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self(Arc::new(Job::QUEUES.iter().map(|&queue| (queue, Counts::default())).collect()))
    }
}

impl Tally {
    /// Notes an attempt; of one that succeeded also the time since its event, if it is known.
    pub(crate) fn note(
        &self,
        queue: &str,
        outcome: Outcome,
        run_time: Duration,
        latency: Option<Duration>,
    ) {
        let Some(counts) = self.0.get(queue) else { return };
        let count = match outcome {
            Outcome::Done => &counts.done,
            Outcome::Retry => &counts.failed,
            Outcome::GivenUp => &counts.dead,
        };
        count.fetch_add(1, Relaxed);
        let class = |time: Duration| Histogram::class_of(time.as_secs_f64() * 1_000.0);
        counts.run_times[class(run_time)].fetch_add(1, Relaxed);
        if let Some(latency) = latency {
            counts.latencies[class(latency)].fetch_add(1, Relaxed);
        }
    }

    /// Adds what was counted since the last time to the minute that runs; what cannot be written
    /// now is written later.
    async fn write(&self, app: &App) -> keyward_core::Result<()> {
        for (queue, counts) in self.0.iter() {
            let taken = counts.take();
            if taken.done + taken.failed + taken.dead == 0 {
                continue;
            }
            if let Err(error) = within_patience(minutes::add(&app.write, queue, &taken)).await {
                counts.give_back(&taken);
                return Err(error);
            }
        }
        Ok(())
    }
}

impl Counts {
    fn take(&self) -> Attempts {
        let all =
            |classes: &[AtomicI64]| classes.iter().map(|class| class.swap(0, Relaxed)).collect();
        Attempts {
            done: self.done.swap(0, Relaxed),
            failed: self.failed.swap(0, Relaxed),
            dead: self.dead.swap(0, Relaxed),
            run_times: all(&self.run_times),
            latencies: all(&self.latencies),
        }
    }

    fn give_back(&self, taken: &Attempts) {
        self.done.fetch_add(taken.done, Relaxed);
        self.failed.fetch_add(taken.failed, Relaxed);
        self.dead.fetch_add(taken.dead, Relaxed);
        let classes = self.run_times.iter().chain(&self.latencies);
        for (class, count) in classes.zip(taken.run_times.iter().chain(&taken.latencies)) {
            class.fetch_add(*count, Relaxed);
        }
    }
}

/// Writes the counts, and that this process is alive, until it is told to stop; then once more.
pub(crate) async fn write_down(app: App, tally: Tally, stop: CancellationToken) {
    let (id, host) = (Uuid::now_v7(), host());
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        let version = env!("CARGO_PKG_VERSION");
        let seen = processes::is_seen(&app.write, id, &host, std::process::id(), version);
        let results = [within_patience(seen).await, tally.write(&app).await];
        if let Some(error) = results.into_iter().find_map(Result::err) {
            tracing::debug!(%error, "what attempts came to is written down later");
        }
    }
    let results = [within_patience(processes::ends(&app.write, id)).await, tally.write(&app).await];
    if let Some(error) = results.into_iter().find_map(Result::err) {
        tracing::warn!(%error, "what the last attempts came to is not written down");
    }
}

async fn within_patience(
    writing: impl Future<Output = keyward_core::Result<()>>,
) -> keyward_core::Result<()> {
    let late = |_| Err(keyward_core::Error::Unavailable(anyhow::anyhow!("took too long")));
    tokio::time::timeout(WRITE_TIMEOUT, writing).await.unwrap_or_else(late)
}

/// What this machine is called.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname");
    name.map_or_else(|_| "unknown".to_owned(), |name| name.trim().to_owned())
}
