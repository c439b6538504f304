//! What is logged, counted and traced of one attempt at a job.

use std::time::{Duration, Instant};

use keyward_core::{domain::EventId, infra::telemetry};
use tracing::{Instrument as _, Span};

use super::{Ticket, Work};
use crate::context::JobContext;

/// How an attempt has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
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
    context: JobContext,
    queue: &'static str,
    event_id: EventId,
    began_at: Instant,
    /// For the trace.
    step: Span,
    /// For the log.
    span: Span,
}

impl Observed {
    /// Begins an attempt: it continues the trace of what the job follows from.
    pub(super) fn begin<W: Work>(
        context: &JobContext,
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
        Self {
            context: context.clone(),
            queue: W::QUEUE,
            event_id: ticket.event_id,
            began_at: Instant::now(),
            step,
            span,
        }
    }

    /// Runs the attempt: its lines and spans belong to it.
    pub(super) async fn run<T>(&self, attempt: impl Future<Output = T>) -> T {
        attempt.instrument(self.span.clone()).instrument(self.step.clone()).await
    }

    /// Counts the end of an attempt; returns how many milliseconds it took.
    pub(super) fn ended(&self, outcome: Outcome) -> f64 {
        let took = self.began_at.elapsed();
        let now = self.context.app.clock.now();
        let since_event = self.event_id.made_at().and_then(|at| (now - at).to_std().ok());
        count(&self.context, self.queue, outcome, took, since_event);
        self.step.record("job.outcome", outcome.as_str());
        if outcome != Outcome::Done {
            telemetry::failed(&self.step);
        }
        took.as_secs_f64() * 1_000.0
    }
}

/// Counts an attempt, for the metrics of this process and for the board, which sees all processes;
/// `since_event` is how long ago happened what it follows from.
pub(super) fn count(
    context: &JobContext,
    queue: &'static str,
    outcome: Outcome,
    took: Duration,
    since_event: Option<Duration>,
) {
    context.app.metrics.work.attempted(queue, outcome.as_str(), took);
    let since_event = since_event.filter(|_| outcome == Outcome::Done);
    context.tally.note(queue, outcome, took, since_event);
}
