//! The job queues. The only folder that imports apalis, and the only one with SQL on its tables.
//!
//! apalis fetches jobs, locks them and stores their results. This folder adds what apalis leaves to its
//! users, or does once per queue:
//!
//! - one poll per process and second reads the pauses, wakes the queues that have due jobs, reports that
//!   the worker loops are alive, and rescues the jobs of dead ones;
//! - a retry moves `run_at` of the row, so that the backoff is durable and nothing polls hot;
//! - the attempt itself catches time-outs and panics, otherwise the row would stay `Running`;
//! - a worker loop that ends with a database error starts again under a new name and releases the
//!   jobs of the old one. A killed process loses its jobs 15 s after its last report;
//! - after a notification a queue is polled a second time, because apalis ignores a notification that
//!   arrives while it is fetching;
//! - a paused queue has no worker loop; a job of a paused kind goes back without a counted attempt;
//! - jobs are inserted with `ON CONFLICT DO NOTHING`, in the transaction that takes their event;
//! - completed jobs and dead worker loops are deleted after a while: see `ops::maintenance`.
//!
//! A queue executes jobs of one or more *kinds*. The kind is the `kind` member of the row's metadata;
//! without one it is the name of the queue. It is not a column of ours: apalis reads its rows by
//! position, so a column between its own would break its next release.

mod adaptive_poll;
mod attempt;
mod backoff;
pub(crate) mod changes;
pub(crate) mod counts;
pub(crate) mod job_record;
pub(crate) mod list;
mod new_job;
mod notifications;
mod observation;
mod pauses;
mod poller;
mod rows;
pub(crate) mod state;
mod worker_loop;

use std::time::Duration;

use apalis::prelude::BoxDynError;
use keyward_core::{domain::EventId, origin::Origin, origin::Trace};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::context::JobContext;

pub(crate) use backoff::Backoff;
pub(crate) use new_job::{NewJob, enqueue, existing};
pub(crate) use rows::prune;
pub(crate) use worker_loop::Queues;

/// A job of a queue. One with a kind or a member that this release does not know waits for a release
/// that does, so a job must have `#[serde(deny_unknown_fields)]`.
pub(crate) trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// The queue that executes it.
    const QUEUE: &'static str;
    /// The kinds of jobs that it executes.
    const KINDS: &'static [&'static str] = &[Self::QUEUE];
    /// Longest time of one attempt.
    const TIMEOUT: Duration = Duration::from_secs(60);
    /// Concurrent attempts per process.
    const CONCURRENCY: usize = 8;
    /// Jobs fetched at a time. More than `CONCURRENCY` wait in this process, where no other process
    /// can execute them: only for jobs that take milliseconds.
    const BATCH: usize = Self::CONCURRENCY;
    /// Attempts in total. With the default backoff 40 take more than a day.
    const MAX_ATTEMPTS: i32 = 40;
    /// The delay after a failed attempt.
    const BACKOFF: Backoff = Backoff::DEFAULT;

    /// The kind by which operators filter, count and pause.
    fn kind(&self) -> &'static str {
        Self::QUEUE
    }

    /// Jobs of a higher priority are fetched first.
    fn priority(&self) -> i32 {
        0
    }

    /// Runs one attempt. Must be safe to repeat. Commands get `origin`, so that their events continue
    /// the trace of the request that caused the job.
    fn run(
        self,
        context: &JobContext,
        origin: &Origin,
    ) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// Why an attempt failed, and whether another attempt can succeed.
#[derive(Debug)]
pub(crate) enum JobError {
    /// Another attempt can succeed.
    Retry(BoxDynError),
    /// No other attempt can succeed: the job is dead.
    Fatal(BoxDynError),
    /// Nothing was tried, because other jobs are before this one. No attempt is counted.
    Postpone,
}

impl JobError {
    pub(crate) fn retry(cause: impl Into<BoxDynError>) -> Self {
        Self::Retry(cause.into())
    }

    pub(crate) fn fatal(cause: impl Into<BoxDynError>) -> Self {
        Self::Fatal(cause.into())
    }
}

/// A refusal is final; another attempt can succeed after any other error.
impl From<keyward_core::Error> for JobError {
    fn from(error: keyward_core::Error) -> Self {
        match error {
            keyward_core::Error::Refused(refusal) => Self::fatal(refusal),
            keyward_core::Error::Unavailable(cause) | keyward_core::Error::Fault(cause) => {
                Self::retry(format!("{cause:#}"))
            }
        }
    }
}

/// What a row of a queue stores: the job, and the event and request that caused it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JobEnvelope<J> {
    pub(crate) job: J,
    pub(crate) event_id: EventId,
    pub(crate) trace: Trace,
}

#[cfg(test)]
mod tests;
