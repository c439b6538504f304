//! One loop per queue and process: fetches jobs and runs them.

use std::{collections::HashMap, time::Duration};

use apalis::prelude::{BackendExt as _, WorkerBuilder, WorkerBuilderExt as _, WorkerContext};
use apalis_postgres::{Config, PostgresStorage};
use serde_json::Value;
use sqlx::PgPool;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Job,
    adaptive_poll::AdaptivePoll,
    attempt::{Runner, attempt},
    notifications,
    poller::{LoopNames, Poller, Waker},
    rows,
};
use crate::{context::JobContext, supervise::supervise};

/// Connections of apalis: it fetches jobs and stores results in short transactions.
const APALIS_CONNECTIONS: u32 = 4;
/// How often apalis reports that a worker loop is alive; the poller does it for all loops.
const APALIS_HEARTBEAT_INTERVAL: Duration = Duration::from_secs(3_600);
/// How long a stopped worker loop waits for its running jobs.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// The queues of a process.
pub(crate) struct Queues {
    runner: Runner,
    apalis: PgPool,
    loops: LoopNames,
    poller: Poller,
    /// By queue, and by kind.
    wakers: [HashMap<&'static str, Waker>; 2],
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Queues {
    /// Without a queue yet. `stop` ends all of them.
    pub(crate) fn new(context: JobContext, stop: CancellationToken) -> Self {
        let (pool, loops) = (context.app.write.clone(), LoopNames::default());
        let apalis = pool.for_library(APALIS_CONNECTIONS);
        let (poller, pauses) = Poller::new(pool, loops.clone());
        let (runner, wakers) = (Runner { context, pauses }, Default::default());
        Self { runner, apalis, loops, poller, wakers, tasks: JoinSet::new(), stop }
    }

    /// Starts the queue of `J`.
    pub(crate) fn start<J: Job>(&mut self) {
        let (waker, wakes) = watch::channel(());
        let [by_queue, by_kind] = &mut self.wakers;
        by_kind.extend(J::KINDS.iter().map(|&kind| (kind, waker.clone())));
        by_queue.insert(J::QUEUE, waker);
        self.poller.add(J::QUEUE);
        let (runner, apalis, loops) =
            (self.runner.clone(), self.apalis.clone(), self.loops.clone());
        self.tasks.spawn(run_queue::<J>(runner, apalis, loops, wakes, self.stop.clone()));
    }

    /// Wakes the queues when they have jobs. Returns when `stop` is cancelled and all running jobs have
    /// ended.
    pub(crate) async fn run(self) {
        let [by_queue, by_kind] = self.wakers;
        tokio::join!(
            notifications::run(self.apalis, by_queue, self.stop.clone()),
            self.poller.run(by_kind, self.stop),
            self.tasks.join_all(),
        );
    }
}

/// Works on one queue while it is not paused. Starts again when a database error ends the loop.
async fn run_queue<J: Job>(
    runner: Runner,
    apalis: PgPool,
    loops: LoopNames,
    wakes: watch::Receiver<()>,
    stop: CancellationToken,
) {
    let part = format!("queue {}", J::QUEUE);
    let run = async || {
        if stop.run_until_cancelled(runner.pauses.is_open(J::QUEUE)).await.is_none() {
            return Ok(Duration::ZERO);
        }
        // The name is unique per start, so that the jobs of a dead loop are rescued at once.
        let name = format!("{}-{}", J::QUEUE, Uuid::new_v4());
        loops.update(|names| _ = names.insert(name.clone()));
        let result = run_loop::<J>(&name, &runner, &apalis, wakes.clone(), &stop).await;
        loops.update(|names| _ = names.remove(&name));
        // If Postgres is unreachable, other processes rescue the jobs when the loop counts as dead.
        if let Err(error) = rows::release(&runner.context.app.write, &name).await {
            tracing::debug!(job.queue = J::QUEUE, %error, "jobs of an ended worker loop wait to be rescued");
        }
        result.map(|()| Duration::ZERO)
    };
    supervise(&part, &stop, run).await;
}

/// Runs a worker loop until the queue is paused, `stop` is cancelled or Postgres fails.
async fn run_loop<J: Job>(
    name: &str,
    runner: &Runner,
    apalis: &PgPool,
    wakes: watch::Receiver<()>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let loop_context = WorkerContext::new(name);
    let config = Config::default()
        .queue(J::QUEUE)
        .batch_size(J::BATCH)
        .heartbeat_interval(APALIS_HEARTBEAT_INTERVAL);
    let backend = PostgresStorage::<Value>::new(apalis)
        .with_config(config)
        .poll_with_strategy(AdaptivePoll::new(wakes, J::TIMEOUT + DRAIN_TIMEOUT));
    let worker = WorkerBuilder::new(&loop_context)
        .backend(backend)
        .data(runner.clone())
        .concurrency(J::CONCURRENCY)
        .build(attempt::<J>);
    let running = worker.run();
    tokio::pin!(running);
    tokio::select! {
        result = &mut running => return Ok(result?),
        _ = stop.run_until_cancelled(runner.pauses.is_paused(J::QUEUE)) => {}
    }
    // Fails if the loop has not started, and then there is nothing to stop.
    let _ = loop_context.stop();
    // The running jobs of a paused queue end by themselves.
    let drained = async {
        stop.run_until_cancelled(tokio::time::sleep(J::TIMEOUT)).await;
        tokio::time::sleep(DRAIN_TIMEOUT).await;
    };
    tokio::select! { result = running => Ok(result?), () = drained => Ok(()) }
}
