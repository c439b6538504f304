//! One attempt at a job.

use std::{any::Any, panic::AssertUnwindSafe, time::Duration};

use apalis::prelude::{AbortError, Attempt, BoxDynError, Data, TaskId};
use futures_util::FutureExt as _;
use keyward_core::{
    infra::retry::jitter,
    origin::{Origin, Trace},
};
use serde::Deserialize as _;
use serde_json::Value;

use super::{
    Job, JobEnvelope, JobError,
    backoff::by_age,
    observation::{JobAttempt, Observation, age},
    pauses::PauseWatch,
    rows,
};
use crate::context::JobContext;

/// What an attempt needs.
#[derive(Clone)]
pub(super) struct Runner {
    pub(super) context: JobContext,
    pub(super) pauses: PauseWatch,
}

/// Runs one attempt. Called by apalis, which stores the result.
pub(super) async fn attempt<J: Job>(
    payload: Value,
    number: Attempt,
    id: TaskId,
    runner: Data<Runner>,
) -> Result<(), BoxDynError> {
    let (id, number, Runner { context, pauses }) = (id.to_string(), number.current(), &*runner);
    let (app, pool) = (&context.app, &context.app.write);
    let envelope = JobEnvelope::<J>::deserialize(&payload);
    if let Err(error) = &envelope
        && let Ok(JobEnvelope::<Value> { event_id, .. }) = JobEnvelope::deserialize(&payload)
    {
        // A later release has inserted it. It stays due for the workers of that release.
        tracing::warn!(job.queue = J::QUEUE, job.id = id, event.id = %event_id, %error, "job waits for a release that can read it");
        rows::postpone(pool, &id, by_age(age(app, Some(event_id)), jitter())).await?;
        return Err("it is of a later release".into());
    }
    let (kind, event_id, mut trace) = match &envelope {
        Ok(envelope) => (envelope.job.kind(), Some(envelope.event_id), envelope.trace.clone()),
        Err(_) => (J::QUEUE, None, Trace::default()),
    };
    let postponed_for = by_age(age(app, event_id), jitter());
    if pauses.contains(kind) {
        rows::postpone_kind(pool, &id, kind, postponed_for).await?;
        // apalis does not own the row any more, so this result changes nothing.
        return Err("its kind is paused".into());
    }
    let attempt = JobAttempt { queue: J::QUEUE, kind, id: &id, number, event_id };
    let observation = Observation::start(app, attempt, &mut trace);
    let run = async {
        let result = match envelope {
            Ok(JobEnvelope { job, .. }) => run(job, context, trace).await,
            Err(error) => Err(JobError::fatal(format!("unreadable: {error}"))),
        };
        match result {
            Ok(()) => {
                let duration_ms = millis(observation.end("completed"));
                tracing::info!(outcome = "completed", duration_ms, "job {kind} completed");
                Ok(())
            }
            Err(JobError::Postpone) => {
                rows::postpone(pool, &id, postponed_for).await?;
                tracing::debug!("job {kind} postponed: others are before it");
                Err("others are before it".into())
            }
            Err(JobError::Retry(cause)) if number < J::MAX_ATTEMPTS as usize => {
                let (took, wait) = (observation.end("failed"), J::BACKOFF.after(number, jitter()));
                let (duration_ms, wait_s) = (millis(took), wait.as_secs());
                tracing::warn!(outcome = "failed", duration_ms, %cause, wait_s, "job {kind} failed; the next attempt is in {wait_s} s");
                rows::record_failure(pool, attempt, took, &cause.to_string(), Some(wait)).await?;
                Err(cause)
            }
            Err(JobError::Retry(cause) | JobError::Fatal(cause)) => {
                let took = observation.end("dead");
                let duration_ms = millis(took);
                tracing::error!(outcome = "dead", duration_ms, %cause, "job {kind} is dead");
                let reason = cause.to_string();
                let recorded = rows::record_failure(pool, attempt, took, &reason, None).await;
                if let Err(error) = recorded {
                    tracing::warn!(%error, "only its result says why the job is dead");
                }
                Err(Box::new(AbortError::new(cause)) as BoxDynError)
            }
        }
    };
    observation.instrument(run).await
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// Runs a job. Another attempt may succeed after a panic or a time-out.
async fn run<J: Job>(job: J, context: &JobContext, trace: Trace) -> Result<(), JobError> {
    let origin = Origin { trace, ..Origin::default() };
    let run = AssertUnwindSafe(job.run(context, &origin)).catch_unwind();
    match tokio::time::timeout(J::TIMEOUT, run).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(JobError::retry(format!("panicked: {}", panic_text(&*panic)))),
        Err(_) => Err(JobError::retry(format!("took longer than {} s", J::TIMEOUT.as_secs()))),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
