//! What is logged, counted and traced of one attempt at a job.

use std::time::Instant;

use keyward_core::{App, telemetry};
use tracing::{Instrument as _, Span};

use super::{Ticket, Work};

/// How an attempt has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It did what it should.
    Done,
    /// It failed, and another one will be made.
    Retry,
    /// It failed, and none will be made.
    GivenUp,
}

impl Outcome {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retry => "retry",
            Self::GivenUp => "given_up",
        }
    }
}

/// An attempt that is under way.
pub(super) struct Observed {
    app: App,
    queue: &'static str,
    began_at: Instant,
    /// For the trace.
    step: Span,
    /// For the log.
    span: Span,
}

impl Observed {
    /// Begins an attempt: it continues the trace of what the job follows from.
    pub(super) fn begin<W: Work>(
        app: &App,
        id: &str,
        number: usize,
        ticket: &mut Ticket<W>,
    ) -> Self {
        let trace = &mut ticket.trace;
        let step = tracing::debug_span!(
            "attempt",
            otel.name = W::QUEUE,
            otel.kind = "consumer",
            job.queue = W::QUEUE,
            job.id = id,
            job.attempt = number,
            job.outcome = tracing::field::Empty,
            event.id = %ticket.event_id,
            request.id = trace.request_id,
        );
        let cause = trace.traceparent.clone();
        telemetry::join(&step, Some(&cause), trace);
        let span = tracing::info_span!(
            "job",
            job.queue = W::QUEUE,
            job.id = id,
            job.attempt = number,
            event.id = %ticket.event_id,
            request.id = trace.request_id,
            trace.id = trace.trace_id(),
        );
        Self { app: app.clone(), queue: W::QUEUE, began_at: Instant::now(), step, span }
    }

    /// Runs the attempt: its lines and spans belong to it.
    pub(super) async fn run<T>(&self, attempt: impl Future<Output = T>) -> T {
        attempt.instrument(self.span.clone()).instrument(self.step.clone()).await
    }

    /// Counts the end of an attempt; returns how many milliseconds it took.
    pub(super) fn ended(&self, outcome: Outcome) -> f64 {
        let took = self.began_at.elapsed();
        self.app.metrics.work.attempted(self.queue, outcome.as_str(), took);
        self.step.record("job.outcome", outcome.as_str());
        if outcome != Outcome::Done {
            telemetry::failed(&self.step);
        }
        took.as_secs_f64() * 1_000.0
    }
}
