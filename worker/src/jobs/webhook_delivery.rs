//! Sends an event to a webhook.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use keyward_core::{
    commands::internal::{
        RecordWebhookDelivery, StartWebhookDelivery, WebhookOutcome, WebhookRequest,
    },
    domain::{WebhookDeliveryId, WebhookId},
    events::Envelope,
    infra::telemetry,
    origin::{Origin, Trace},
    pipeline::webhook_fanout::{self, Planned},
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use tracing::Instrument as _;

use crate::{
    context::JobContext,
    queue::{Backoff, Job, JobError, NewJob},
    webhooks::{Answer, GONE},
};

/// Sends an event to a webhook and records the result. The list of deliveries shows every result, so
/// the job itself never ends as a dead one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookDelivery {
    /// The webhook.
    pub(crate) webhook_id: WebhookId,
    /// The delivery.
    pub(crate) delivery_id: WebhookDeliveryId,
    /// 1, and one more for each redelivery. A job of an earlier round does nothing.
    pub(crate) round: i32,
}

impl Job for WebhookDelivery {
    const QUEUE: &'static str = "webhook-delivery";
    const TIMEOUT: Duration = Duration::from_secs(30);
    const CONCURRENCY: usize = 64;
    /// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: three days, as Standard Webhooks
    /// recommends.
    const BACKOFF: Backoff =
        Backoff(&[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    const MAX_ATTEMPTS: i32 = 10;

    /// Safe to repeat: every attempt has the same `webhook-id` and the same body.
    async fn run(self, context: &JobContext, origin: &Origin) -> Result<(), JobError> {
        let Self { webhook_id, delivery_id, round } = self;
        let (app, limiter) = (&context.app, &context.webhooks.limiter);
        let permit = limiter.acquire(webhook_id).await.ok_or(JobError::Postpone)?;
        let start = StartWebhookDelivery { delivery_id, round };
        let Some(request) = app.execute(start, origin).await? else {
            tracing::info!(delivery.id = %delivery_id, "delivery {delivery_id} is no longer due");
            return Ok(());
        };
        let answer = call(context, delivery_id, &request, &origin.trace).await;
        drop(permit);
        let outcome = match answer.failure.clone() {
            None => WebhookOutcome::Delivered,
            Some(_) if answer.status == Some(GONE) => WebhookOutcome::Gone,
            Some(failure) => {
                let (attempt, now) = (request.attempt, app.clock.now());
                let next = Self::BACKOFF.next_attempt_at(attempt, Self::MAX_ATTEMPTS, now);
                WebhookOutcome::Failed(failure, next)
            }
        };
        let record = RecordWebhookDelivery { delivery_id, round, status: answer.status, outcome };
        let is_open = app.execute(record, origin).await?;
        let Some(failure) = answer.failure else { return Ok(()) };
        if is_open {
            return Err(JobError::retry(failure));
        }
        tracing::warn!(delivery.id = %delivery_id, failure, "delivery {delivery_id} has failed");
        Ok(())
    }
}

/// Makes the request; measured and traced.
async fn call(
    context: &JobContext,
    delivery_id: WebhookDeliveryId,
    request: &WebhookRequest,
    trace: &Trace,
) -> Answer {
    let step = tracing::debug_span!(
        "webhook",
        otel.name = "webhook",
        otel.kind = "client",
        delivery.id = %delivery_id,
        http.response.status_code = tracing::field::Empty,
    );
    let started_at = Instant::now();
    let answer = context.webhooks.call(request, trace).instrument(step.clone()).await;
    step.record("http.response.status_code", answer.status.map(i64::from));
    context.app.metrics.work.called(answer.outcome(), started_at.elapsed());
    if answer.failure.is_some() {
        telemetry::failed(&step);
    }
    answer
}

/// Plans the deliveries of new events; returns one job for each delivery.
pub(crate) async fn plan_deliveries(
    sql: &mut PgConnection,
    events: &[Envelope],
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<NewJob>> {
    let mut jobs = Vec::new();
    for Planned { webhook_id, delivery_id, event_id, .. } in
        webhook_fanout::fan_out(sql, events, now).await?
    {
        let Some(cause) = events.iter().find(|event| event.event_id == event_id) else { continue };
        let job = NewJob::new(WebhookDelivery { webhook_id, delivery_id, round: 1 }, cause)?;
        // One event has several deliveries.
        jobs.push(job.with_key(delivery_id.to_string()));
    }
    Ok(jobs)
}
