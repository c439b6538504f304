//! The one poll of a process for all its queues.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use keyward_core::infra::postgres::Pool;
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    pauses::{Names, PauseWatch},
    rows,
};
use crate::supervise::supervise;

/// How often Postgres is asked for due jobs and pauses.
pub(super) const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Longest time of one poll.
const POLL_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the process reports that its worker loops are alive, and rescues the jobs of dead ones.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);

/// Wakes a queue.
pub(super) type Waker = watch::Sender<()>;

/// The names of the running worker loops of this process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct LoopNames(Arc<Mutex<HashSet<String>>>);

impl LoopNames {
    pub(super) fn update(&self, change: impl FnOnce(&mut HashSet<String>)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// Polls for all queues of a process.
pub(super) struct Poller {
    pool: Pool,
    paused: watch::Sender<Option<Arc<Names>>>,
    loops: LoopNames,
    queues: Vec<&'static str>,
}

impl Poller {
    /// Also returns the pauses that it reads.
    pub(super) fn new(pool: Pool, loops: LoopNames) -> (Self, PauseWatch) {
        let (paused, pauses) = PauseWatch::new();
        (Self { pool, paused, loops, queues: Vec::new() }, pauses)
    }

    /// Adds a queue whose jobs it rescues.
    pub(super) fn add(&mut self, queue: &'static str) {
        self.queues.push(queue);
    }

    /// Polls until `stop` is cancelled. Wakes the queues of those kinds that have due jobs.
    pub(super) async fn run(self, wakers: HashMap<&'static str, Waker>, stop: CancellationToken) {
        let kinds: Vec<_> = wakers.keys().copied().collect();
        let reported_at = Mutex::new(None::<Instant>);
        let poll = async || {
            let due = timeout(POLL_TIMEOUT, self.poll(&kinds, &reported_at)).await??;
            for waker in due.iter().filter_map(|kind| wakers.get(kind.as_str())) {
                waker.send_replace(());
            }
            Ok(POLL_INTERVAL)
        };
        supervise("polling of queues", &stop, poll).await;
    }

    /// Returns the kinds that have due jobs.
    async fn poll(
        &self,
        kinds: &[&'static str],
        reported_at: &Mutex<Option<Instant>>,
    ) -> anyhow::Result<Vec<String>> {
        let (paused, due) = rows::poll(&self.pool, kinds).await?;
        let paused: Names = paused.into_iter().collect();
        // While Postgres is unreachable no attempt starts, so the last known pauses stay.
        if self.paused.borrow().as_deref() != Some(&paused) {
            let names: Vec<_> = paused.iter().cloned().collect();
            self.paused.send_replace(Some(Arc::new(paused)));
            // This process postpones no job of a resumed kind from here on.
            rows::resume_postponed(&self.pool, &names).await?;
        }
        let last = *reported_at.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= HEARTBEAT_INTERVAL) {
            rows::report_alive(&self.pool, &self.loops.all(), &self.queues).await?;
            *reported_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        Ok(due)
    }
}
