//! One attempt at a job.

use std::{any::Any, panic::AssertUnwindSafe, time::Instant};

use apalis::prelude::{AbortError, Attempt, BoxDynError, Data, TaskId};
use futures_util::FutureExt as _;
use keyward_core::{App, origin::Origin};
use serde_json::Value;

use super::{
    Job, JobEnvelope, JobError,
    backoff::{by_age, jitter},
    observation::{Observation, Outcome, age},
    pauses::PauseWatch,
    rows::{self, Failure},
};

/// What an attempt needs.
#[derive(Clone)]
pub(super) struct Runner<C> {
    pub(super) app: App,
    pub(super) pauses: PauseWatch,
    pub(super) context: C,
}

/// Runs one attempt. Called by apalis, which stores the result.
pub(super) async fn attempt<J: Job>(
    payload: Value,
    number: Attempt,
    id: TaskId,
    runner: Data<Runner<J::Context>>,
) -> Result<(), BoxDynError> {
    let (id, number, started_at) = (id.to_string(), number.current(), Instant::now());
    let Runner { app, pauses, context } = &*runner;
    let pool = &app.write;
    let failure = |kind, error: String| Failure::new(kind, number, started_at.elapsed(), error);
    let mut envelope: JobEnvelope<J> = match serde_json::from_value(payload) {
        Ok(envelope) => envelope,
        Err(error) => {
            tracing::error!(job.queue = J::QUEUE, job.id = id, %error, "job {id} of {} is unreadable and dead", J::QUEUE);
            app.metrics.jobs.attempted(
                J::QUEUE,
                J::QUEUE,
                Outcome::Dead.as_str(),
                started_at.elapsed(),
                None,
            );
            let failure = failure(J::QUEUE, error.to_string());
            rows::record_failure(pool, &id, failure, None).await?;
            return Err(Box::new(AbortError::new(error)));
        }
    };
    let kind = envelope.job.kind();
    if pauses.contains(kind) {
        let age = age(envelope.event_id, app.clock.now()).unwrap_or_default();
        rows::postpone_kind(pool, &id, kind, by_age(age, jitter())).await?;
        // apalis does not own the row any more, so this result changes nothing.
        return Err("its kind is paused".into());
    }
    let observation = Observation::start(app, &id, number, &mut envelope);
    let origin = Origin { trace: envelope.trace, ..Origin::default() };
    let run = async {
        let run = AssertUnwindSafe(envelope.job.run(context, &origin)).catch_unwind();
        let error = match tokio::time::timeout(J::TIMEOUT, run).await {
            Ok(Ok(Ok(()))) => {
                let duration_ms = observation.end(Outcome::Completed);
                tracing::info!(outcome = "completed", duration_ms, "job {kind} completed");
                return Ok(());
            }
            Ok(Ok(Err(error))) => error,
            Ok(Err(panic)) => JobError::retry(format!("panicked: {}", panic_text(&*panic))),
            Err(_) => JobError::retry(format!("took longer than {} s", J::TIMEOUT.as_secs())),
        };
        match error {
            JobError::Postpone => {
                let age = age(envelope.event_id, app.clock.now()).unwrap_or_default();
                rows::postpone(pool, &id, by_age(age, jitter())).await?;
                tracing::debug!("job {kind} postponed: others are before it");
                Err("others are before it".into())
            }
            JobError::Retry(cause) if number < J::MAX_ATTEMPTS as usize => {
                let wait = J::BACKOFF.after(number, jitter());
                let duration_ms = observation.end(Outcome::Failed);
                let wait_s = wait.as_secs();
                tracing::warn!(outcome = "failed", duration_ms, %cause, wait_s, "job {kind} failed; the next attempt is in {wait_s} s");
                let failure = failure(kind, cause.to_string());
                rows::record_failure(pool, &id, failure, Some(wait)).await?;
                Err(cause)
            }
            JobError::Retry(cause) | JobError::Fatal(cause) => {
                let duration_ms = observation.end(Outcome::Dead);
                tracing::error!(outcome = "dead", duration_ms, %cause, "job {kind} is dead");
                let failure = failure(kind, cause.to_string());
                if let Err(error) = rows::record_failure(pool, &id, failure, None).await {
                    tracing::warn!(%error, "the reason of a dead job stands in its result only");
                }
                Err(Box::new(AbortError::new(cause)) as BoxDynError)
            }
        }
    };
    observation.instrument(run).await
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
