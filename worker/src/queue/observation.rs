//! Log, metrics and trace of one attempt.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use keyward_core::{App, domain::EventId, infra::telemetry};
use tracing::{Instrument as _, Span};

use super::{Job, JobEnvelope};

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The job is completed.
    Completed,
    /// Another attempt follows.
    Failed,
    /// No other attempt follows.
    Dead,
}

impl Outcome {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }
}

/// A running attempt.
pub(super) struct Observation {
    app: App,
    queue: &'static str,
    kind: &'static str,
    event_id: EventId,
    started_at: Instant,
    /// For the trace.
    step: Span,
    /// For the log.
    span: Span,
}

impl Observation {
    /// Continues the trace of the event; `envelope.trace` then names the span of this attempt.
    pub(super) fn start<J: Job>(
        app: &App,
        id: &str,
        number: usize,
        envelope: &mut JobEnvelope<J>,
    ) -> Self {
        let (kind, event_id, trace) = (envelope.job.kind(), envelope.event_id, &mut envelope.trace);
        let step = tracing::debug_span!(
            "attempt",
            otel.name = kind,
            otel.kind = "consumer",
            job.queue = J::QUEUE,
            job.kind = kind,
            job.id = id,
            job.attempt = number,
            job.outcome = tracing::field::Empty,
            event.id = %event_id,
            request.id = trace.request_id,
        );
        let cause = trace.traceparent.clone();
        telemetry::join(&step, Some(&cause), trace);
        let span = tracing::info_span!(
            "job",
            job.queue = J::QUEUE,
            job.kind = kind,
            job.id = id,
            job.attempt = number,
            event.id = %event_id,
            request.id = trace.request_id,
            trace.id = trace.trace_id(),
        );
        let (app, queue, started_at) = (app.clone(), J::QUEUE, Instant::now());
        Self { app, queue, kind, event_id, started_at, step, span }
    }

    /// Runs the attempt inside its spans.
    pub(super) async fn instrument<T>(&self, attempt: impl Future<Output = T>) -> T {
        attempt.instrument(self.span.clone()).instrument(self.step.clone()).await
    }

    /// Counts the attempt. Returns its duration in milliseconds.
    pub(super) fn end(&self, outcome: Outcome) -> f64 {
        let took = self.started_at.elapsed();
        let latency = age(self.event_id, self.app.clock.now());
        let latency = latency.filter(|_| outcome == Outcome::Completed);
        let jobs = &self.app.metrics.jobs;
        jobs.attempted(self.queue, self.kind, outcome.as_str(), took, latency);
        self.step.record("job.outcome", outcome.as_str());
        if outcome != Outcome::Completed {
            telemetry::failed(&self.step);
        }
        took.as_secs_f64() * 1_000.0
    }
}

/// How long ago an event happened.
pub(super) fn age(event: EventId, now: DateTime<Utc>) -> Option<Duration> {
    event.made_at().and_then(|at| (now - at).to_std().ok())
}
