//! Log, metrics and trace of one attempt.

use std::time::{Duration, Instant};

use apalis::prelude::BoxDynError;
use keyward_core::{App, domain::EventId, infra::telemetry, origin::Trace};
use tracing::{Instrument as _, Span};

use super::rows::Failure;

/// A running attempt.
pub(super) struct Observation<'a> {
    app: App,
    queue: &'static str,
    kind: &'static str,
    id: &'a str,
    number: usize,
    event_id: Option<EventId>,
    started_at: Instant,
    /// For the trace.
    step: Span,
    /// For the log.
    span: Span,
}

impl<'a> Observation<'a> {
    /// Continues the trace of the event; `trace` then names the span of this attempt.
    pub(super) fn start(
        app: App,
        queue: &'static str,
        kind: &'static str,
        id: &'a str,
        number: usize,
        event_id: Option<EventId>,
        trace: &mut Trace,
    ) -> Self {
        let event = event_id.map(tracing::field::display);
        let step = tracing::debug_span!(
            "attempt",
            otel.name = kind,
            otel.kind = "consumer",
            job.queue = queue,
            job.kind = kind,
            job.id = id,
            job.attempt = number,
            job.outcome = tracing::field::Empty,
            event.id = event,
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
            event.id = event,
            request.id = trace.request_id,
            trace.id = trace.trace_id(),
        );
        let started_at = Instant::now();
        Self { app, queue, kind, id, number, event_id, started_at, step, span }
    }

    /// Runs the attempt inside its spans.
    pub(super) async fn instrument<T>(&self, attempt: impl Future<Output = T>) -> T {
        attempt.instrument(self.span.clone()).instrument(self.step.clone()).await
    }

    /// Counts the attempt: `completed`, `failed` or `dead`. Returns its duration in milliseconds.
    pub(super) fn end(&self, outcome: &'static str) -> f64 {
        let took = self.started_at.elapsed();
        let is_completed = outcome == "completed";
        let latency = is_completed.then(|| age(&self.app, self.event_id));
        self.app.metrics.work.attempted(self.queue, self.kind, outcome, took, latency);
        self.step.record("job.outcome", outcome);
        if !is_completed {
            telemetry::failed(&self.step);
        }
        took.as_secs_f64() * 1_000.0
    }

    /// The record of a failed attempt.
    pub(super) fn failure(&self, cause: &BoxDynError) -> Failure<'a> {
        let Self { id, kind, number, started_at, .. } = *self;
        Failure { id, kind, number, took: started_at.elapsed(), error: cause.to_string() }
    }
}

/// How long ago an event happened; 0 if it is unknown.
pub(super) fn age(app: &App, event: Option<EventId>) -> Duration {
    let happened_at = event.and_then(|event| event.made_at());
    happened_at.and_then(|at| (app.clock.now() - at).to_std().ok()).unwrap_or_default()
}
