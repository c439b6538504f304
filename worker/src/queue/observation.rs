//! Log, metrics and trace of one attempt.

use std::time::{Duration, Instant};

use keyward_core::{App, domain::EventId, infra::telemetry, origin::Trace};
use tracing::{Instrument as _, Span};

/// Names an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct JobAttempt<'a> {
    pub(super) queue: &'static str,
    pub(super) kind: &'static str,
    /// The job.
    pub(super) id: &'a str,
    /// From 1.
    pub(super) number: usize,
    /// `None` if the job is unreadable.
    pub(super) event_id: Option<EventId>,
}

/// A running attempt.
pub(super) struct Observation<'a> {
    app: &'a App,
    attempt: JobAttempt<'a>,
    started_at: Instant,
    /// For the trace.
    step: Span,
    /// For the log.
    span: Span,
}

impl<'a> Observation<'a> {
    /// Continues the trace of the event; `trace` then names the span of this attempt.
    pub(super) fn start(app: &'a App, attempt: JobAttempt<'a>, trace: &mut Trace) -> Self {
        let JobAttempt { queue, kind, id, number, event_id } = attempt;
        let event_id = event_id.map(tracing::field::display);
        let step = tracing::debug_span!(
            "attempt",
            otel.name = kind,
            otel.kind = "consumer",
            job.queue = queue,
            job.kind = kind,
            job.id = id,
            job.attempt = number,
            job.outcome = tracing::field::Empty,
            event.id = event_id,
            request.id = trace.request_id,
        );
        let cause = trace.traceparent.clone();
        telemetry::join(&step, Some(&cause), trace);
        let span = tracing::info_span!(
            "job",
            job.queue = queue,
            job.kind = kind,
            job.id = id,
            job.attempt = number,
            event.id = event_id,
            request.id = trace.request_id,
            trace.id = trace.trace_id(),
        );
        Self { app, attempt, started_at: Instant::now(), step, span }
    }

    /// Runs the attempt inside its spans.
    pub(super) async fn instrument<T>(&self, run: impl Future<Output = T>) -> T {
        run.instrument(self.span.clone()).instrument(self.step.clone()).await
    }

    /// Counts the attempt: `completed`, `failed` or `dead`. Returns how long it took.
    pub(super) fn end(&self, outcome: &'static str) -> Duration {
        let JobAttempt { queue, kind, event_id, .. } = self.attempt;
        let took = self.started_at.elapsed();
        let is_completed = outcome == "completed";
        let latency = is_completed.then(|| age(self.app, event_id));
        self.app.metrics.jobs.attempted(queue, kind, outcome, took, latency);
        self.step.record("job.outcome", outcome);
        if !is_completed {
            telemetry::failed(&self.step);
        }
        took
    }
}

/// How long ago an event happened; 0 if it is unknown.
pub(super) fn age(app: &App, event: Option<EventId>) -> Duration {
    let happened_at = event.and_then(|event| event.made_at());
    happened_at.and_then(|at| (app.clock.now() - at).to_std().ok()).unwrap_or_default()
}
