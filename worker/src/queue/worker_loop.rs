//! One loop per queue and process: fetches jobs and runs them.

use std::time::{Duration, Instant};

use apalis::prelude::{BackendExt as _, WorkerBuilder, WorkerBuilderExt as _, WorkerContext};
use apalis_postgres::{Config, PostgresStorage};
use serde_json::Value;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Job,
    adaptive_poll::{AdaptivePoll, POLL_INTERVAL},
    attempt::{Runner, attempt},
    notifications::{self, Wakers},
    pauses::PauseWatch,
    rows,
};
use crate::context::JobContext;

/// How often a worker loop reports that it is alive, and after how many missed reports it is dead.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);
const MISSED_HEARTBEATS: usize = 3;
/// How long a stopped worker loop waits for its running jobs.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// The queues of a process.
pub(crate) struct Queues {
    runner: Runner,
    wakers: Wakers,
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Queues {
    /// Without a queue yet. `stop` ends all of them.
    pub(crate) fn new(context: JobContext, stop: CancellationToken) -> Self {
        let (pauses, watching) = PauseWatch::start(context.app.write.clone(), stop.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(watching);
        Self { runner: Runner { context, pauses }, wakers: Wakers::new(), tasks, stop }
    }

    /// Starts the queue of `J`.
    pub(crate) fn start<J: Job>(&mut self) {
        let (waker, wakes) = watch::channel(());
        self.wakers.insert(J::QUEUE, waker);
        self.tasks.spawn(run_queue::<J>(self.runner.clone(), wakes, self.stop.clone()));
    }

    /// Wakes the queues when jobs are inserted. Returns when `stop` is cancelled and all running jobs
    /// have ended.
    pub(crate) async fn run(self) {
        notifications::run(self.runner.context.app.write.clone(), self.wakers, self.stop).await;
        self.tasks.join_all().await;
    }
}

/// Works on one queue while it is not paused. Starts again when a database error ends the loop.
async fn run_queue<J: Job>(runner: Runner, wakes: watch::Receiver<()>, stop: CancellationToken) {
    let (pool, pauses) = (runner.context.app.write.clone(), runner.pauses.clone());
    while stop.run_until_cancelled(pauses.is_open(J::QUEUE)).await.is_some() {
        // The name is unique per start, so that the jobs of a dead loop are rescued at once.
        let loop_context = WorkerContext::new(&format!("{}-{}", J::QUEUE, Uuid::new_v4()));
        let config = Config::default()
            .queue(J::QUEUE)
            .batch_size(J::BATCH)
            .heartbeat_interval(HEARTBEAT_INTERVAL)
            .missed_heartbeats(MISSED_HEARTBEATS);
        let backend = PostgresStorage::<Value>::new(&pool)
            .with_config(config)
            .poll_with_strategy(AdaptivePoll::new(wakes.clone()));
        let worker = WorkerBuilder::new(&loop_context)
            .backend(backend)
            .data(runner.clone())
            .concurrency(J::CONCURRENCY)
            .build(attempt::<J>);
        let result = {
            let running = worker.run();
            tokio::pin!(running);
            tokio::select! {
                result = &mut running => result,
                _ = stop.run_until_cancelled(pauses.is_paused(J::QUEUE)) => {
                    // Fails if the loop has not started, and then there is nothing to stop.
                    let _ = loop_context.stop();
                    // The running jobs of a paused queue end by themselves.
                    let drained = async {
                        let end = Instant::now() + J::TIMEOUT;
                        let sleep = || tokio::time::sleep(HEARTBEAT_INTERVAL);
                        while Instant::now() < end && stop.run_until_cancelled(sleep()).await.is_some() {
                            let _ = rows::heartbeat(&pool, loop_context.name()).await;
                        }
                        tokio::time::sleep(DRAIN_TIMEOUT).await;
                    };
                    tokio::select! { result = &mut running => result, () = drained => Ok(()) }
                }
            }
        };
        // If Postgres is unreachable, other processes rescue the jobs after the missed heartbeats.
        if let Err(error) = rows::release(&pool, loop_context.name()).await {
            tracing::debug!(job.queue = J::QUEUE, %error, "jobs of an ended worker loop wait to be rescued");
        }
        if let Err(error) = result {
            tracing::warn!(job.queue = J::QUEUE, %error, "queue {} starts again in a second", J::QUEUE);
            stop.run_until_cancelled(tokio::time::sleep(POLL_INTERVAL)).await;
        }
    }
}
