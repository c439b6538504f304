//! The queues: the only place that knows apalis.
//!
//! apalis fetches, locks, heartbeats and rescues; what it leaves to its users is done here:
//!
//! - a retry moves the row's own `run_at`, so that it is durable and nothing spins;
//! - time-out and panic are caught inside the attempt, or the row would stay `Running`;
//! - a worker that a database error ended is started anew, under a new name, and gives back the jobs
//!   of the old one; those of a process that was killed are rescued when its heartbeat has been
//!   missed for 15 seconds;
//! - a queue is looked at once more soon after a notice, because apalis forgets one that comes while it
//!   is fetching;
//! - a queue that somebody has paused has no worker, so that nothing is taken from it;
//! - jobs are put in with `ON CONFLICT DO NOTHING`, inside the transaction of the inbox;
//! - done jobs and gone workers are removed after a while.

pub(crate) mod acts;
mod adaptive_poll;
mod backoff;
pub(crate) mod census;
pub(crate) mod dead;
mod job_error;
pub(crate) mod list;
mod observed;
mod pauses;
mod rows;
pub(crate) mod search;
pub(crate) mod states;

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use apalis::prelude::{
    AbortError, Attempt, BackendExt as _, BoxDynError, Data, TaskId, WorkerBuilder,
    WorkerBuilderExt as _, WorkerContext,
};
use apalis_postgres::{Config, PostgresStorage};
use futures_util::FutureExt as _;
use keyward_core::{domain::EventId, origin::Trace};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use sqlx::{PgPool, postgres::PgListener};
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use adaptive_poll::{AdaptivePoll, POLL};
pub(crate) use backoff::Backoff;
pub(crate) use job_error::JobError;
use observed::Observed;
pub(crate) use observed::Outcome;
use pauses::Pauses;
use rows::Failure;
pub(crate) use rows::{enqueue, existing, prune};

use crate::{context::JobContext, jobs::for_each_job};

/// How often a worker says that it lives, and how many silences make it dead.
const HEARTBEAT: Duration = Duration::from_secs(5);
const MISSED_HEARTBEATS: usize = 3;
/// For so long a worker that is stopped may go on with what it has begun.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Attempts of whatever says nothing else: with the usual back-off they are more than a day.
pub(crate) const USUAL_ATTEMPTS: i32 = 40;

/// What a job does.
pub(crate) trait Work: Serialize + DeserializeOwned + Send + 'static {
    /// Its queue.
    const QUEUE: &'static str;
    /// Longest time one attempt may take.
    const TIMEOUT: Duration = Duration::from_secs(60);
    /// Attempts at the same time, per process.
    const CONCURRENCY: usize = 8;
    /// Jobs taken from the queue at a time. More than are run at the same time wait in the process,
    /// where no other can take them: for jobs only that are done in a moment.
    const TAKEN: usize = Self::CONCURRENCY;
    /// Attempts altogether.
    const MAX_ATTEMPTS: i32 = USUAL_ATTEMPTS;
    /// How long to wait after a failed attempt.
    const BACKOFF: Backoff = Backoff::USUAL;

    /// Does it. Must be safe to repeat.
    fn run(self, context: &JobContext) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// What stands in a queue's row: the job, and what it follows from.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ticket<W> {
    pub(crate) work: W,
    pub(crate) event_id: EventId,
    pub(crate) trace: Trace,
}

/// Works on every queue until it is told to stop; then ends what it has begun and returns.
pub(crate) async fn run(context: JobContext, stop: CancellationToken) {
    let mut queues = JoinSet::new();
    let mut wakers = HashMap::new();
    let (pauses, watching) = Pauses::keep(context.app.write.clone(), stop.clone());
    queues.spawn(watching);
    macro_rules! start {
        ($work:ty) => {
            let (waker, wakes) = watch::channel(());
            wakers.insert(<$work>::QUEUE, waker);
            queues.spawn(run_queue::<$work>(context.clone(), wakes, pauses.clone(), stop.clone()));
        };
    }
    for_each_job!(start);
    queues.spawn(wake(context.app.write.clone(), wakers, stop));
    queues.join_all().await;
}

/// Wakes the queues when jobs come in, until it is told to stop.
async fn wake(
    pool: PgPool,
    wakers: HashMap<&'static str, watch::Sender<()>>,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        if let Some(Err(error)) = stop.run_until_cancelled(listen(&pool, &wakers)).await {
            tracing::warn!(%error, "not told of new jobs: the queues are looked at every second");
        }
        stop.run_until_cancelled(tokio::time::sleep(POLL)).await;
    }
}

/// Listens once for all queues of the process.
async fn listen(
    pool: &PgPool,
    wakers: &HashMap<&'static str, watch::Sender<()>>,
) -> sqlx::Result<()> {
    #[derive(Deserialize)]
    struct Inserted {
        job_type: String,
    }
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen("apalis::job::insert").await?;
    loop {
        let notice = listener.recv().await?;
        let inserted = serde_json::from_str::<Inserted>(notice.payload()).ok();
        if let Some(waker) = inserted.and_then(|job| wakers.get(job.job_type.as_str())) {
            waker.send_replace(());
        }
    }
}

/// Works on one queue until it is told to stop; starts over when a database error ends the worker.
async fn run_queue<W: Work>(
    context: JobContext,
    wakes: watch::Receiver<()>,
    pauses: Pauses,
    stop: CancellationToken,
) {
    while stop.run_until_cancelled(pauses.is_open(W::QUEUE)).await.is_some() {
        // Unique per process and per start: jobs of a dead name are rescued, not waited for.
        let worker_context = WorkerContext::new(&format!("{}-{}", W::QUEUE, uuid::Uuid::new_v4()));
        let config = Config::default()
            .queue(W::QUEUE)
            .batch_size(W::TAKEN)
            .heartbeat_interval(HEARTBEAT)
            .missed_heartbeats(MISSED_HEARTBEATS);
        let backend = PostgresStorage::<Value>::new(&context.app.write)
            .with_config(config)
            .poll_with_strategy(AdaptivePoll::new(wakes.clone()));
        let worker = WorkerBuilder::new(&worker_context)
            .backend(backend)
            .data(context.clone())
            .concurrency(W::CONCURRENCY)
            .build(attempt::<W>);
        let result = {
            let running = worker.run();
            tokio::pin!(running);
            tokio::select! {
                result = &mut running => result,
                _ = stop.run_until_cancelled(pauses.is_paused(W::QUEUE)) => {
                    // Not started yet is as good as stopped.
                    let _ = worker_context.stop();
                    // In a queue that is paused, what has begun ends by itself.
                    let drained = async {
                        let end = Instant::now() + W::TIMEOUT;
                        let beat = || stop.run_until_cancelled(tokio::time::sleep(HEARTBEAT));
                        while Instant::now() < end && beat().await.is_some() {
                            let _ = rows::still_lives(&context.app.write, worker_context.name()).await;
                        }
                        tokio::time::sleep(DRAIN_TIMEOUT).await;
                    };
                    tokio::select! { result = &mut running => result, () = drained => Ok(()) }
                }
            }
        };
        // What it had begun ended with it. If Postgres is away, others find out by its heartbeat.
        if let Err(error) = rows::release(&context.app.write, worker_context.name()).await {
            tracing::debug!(job.queue = W::QUEUE, %error, "jobs of a worker that ended wait to be rescued");
        }
        if let Err(error) = result {
            tracing::warn!(job.queue = W::QUEUE, %error, "queue {} starts over in a second", W::QUEUE);
            stop.run_until_cancelled(tokio::time::sleep(POLL)).await;
        }
    }
}

/// One attempt at a job; called by apalis.
async fn attempt<W: Work>(
    payload: Value,
    number: Attempt,
    id: TaskId,
    context: Data<JobContext>,
) -> Result<(), BoxDynError> {
    let began_at = Instant::now();
    // A row that cannot be read ends here as dead, not in a queue that stands still.
    let mut ticket: Ticket<W> = match serde_json::from_value(payload) {
        Ok(ticket) => ticket,
        Err(error) => {
            tracing::error!(job.queue = W::QUEUE, job.id = %id, %error, "job {} cannot be read", W::QUEUE);
            observed::count(&context, W::QUEUE, Outcome::GivenUp, Duration::ZERO, None);
            let failure = Failure::new::<W>(&number, began_at, &error);
            rows::failed(&context.app.write, &id.to_string(), failure, None).await?;
            return Err(Box::new(AbortError::new(error)));
        }
    };
    let observed = Observed::begin(&context, &id.to_string(), number.current(), &mut ticket);
    let ended = |outcome: Outcome| (outcome.as_str(), observed.ended(outcome));
    let attempt = async {
        let work = AssertUnwindSafe(ticket.work.run(&context)).catch_unwind();
        let error = match tokio::time::timeout(W::TIMEOUT, work).await {
            Ok(Ok(Ok(()))) => {
                let (outcome, duration_ms) = ended(Outcome::Done);
                tracing::info!(outcome, duration_ms, "job {} done", W::QUEUE);
                return Ok(());
            }
            Ok(Ok(Err(error))) => error,
            Ok(Err(panic)) => JobError::retry(format!("panicked: {}", panic_text(&*panic))),
            Err(_) => JobError::retry(format!("took longer than {} s", W::TIMEOUT.as_secs())),
        };
        let (id, pool) = (id.to_string(), &context.app.write);
        match error {
            JobError::NotItsTurn => {
                let age = ticket.event_id.made_at().map(|at| context.app.clock.now() - at);
                let age = age.and_then(|age| age.to_std().ok()).unwrap_or_default();
                rows::put_off(pool, &id, backoff::by_age(age, jitter())).await?;
                tracing::debug!("job {} is put off: it is not its turn", W::QUEUE);
                // The row is apalis' no more, so that what it makes of this changes nothing.
                Err("not its turn".into())
            }
            JobError::Retry(cause) if number.current() < W::MAX_ATTEMPTS as usize => {
                let wait = W::BACKOFF.after(number.current(), jitter());
                let (outcome, duration_ms) = ended(Outcome::Retry);
                let wait_s = wait.as_secs();
                tracing::warn!(outcome, duration_ms, %cause, wait_s, "job {} will be tried again", W::QUEUE);
                let failure = Failure::new::<W>(&number, began_at, &cause);
                rows::failed(pool, &id, failure, Some(wait)).await?;
                Err(cause)
            }
            JobError::Retry(cause) | JobError::GiveUp(cause) => {
                let (outcome, duration_ms) = ended(Outcome::GivenUp);
                tracing::error!(outcome, duration_ms, %cause, "job {} is given up", W::QUEUE);
                let failure = Failure::new::<W>(&number, began_at, &cause);
                if let Err(error) = rows::failed(pool, &id, failure, None).await {
                    tracing::warn!(%error, "why a job was given up is known from its result only");
                }
                Err(Box::new(AbortError::new(cause)) as BoxDynError)
            }
        }
    };
    observed.run(attempt).await
}

/// Chance, between 0 and 1.
fn jitter() -> f64 {
    f64::from(uuid::Uuid::new_v4().as_bytes()[0]) / 255.0
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests;
