//! Sends an event to an endpoint of another service.

use std::time::{Duration, Instant};

use keyward_core::{
    commands::internal::{RecordWebhookDelivery, StartWebhookDelivery, WebhookOutcome},
    domain::{WebhookDeliveryId, WebhookId},
    events::Envelope,
    infra::telemetry,
    origin::Origin,
    pipeline::webhook_fanout::{self, Planned},
};
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use tracing::Instrument as _;

use super::QueuedTicket;
use crate::{
    context::JobContext,
    queue::{Backoff, JobError, Work},
};

/// Sends an event to an endpoint of another service, and writes down what became of it. Whatever
/// ends it, the list of deliveries tells; so the job itself never ends as a dead one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDelivery {
    /// To whom something is sent. Jobs of versions before this one do not say so.
    pub webhook_id: Option<WebhookId>,
    /// What is sent.
    pub delivery_id: WebhookDeliveryId,
    /// How often it was asked for. When it is asked for once more, the jobs before give way.
    pub round: i32,
}

impl Work for WebhookDelivery {
    const QUEUE: &'static str = "webhook-delivery";
    const TIMEOUT: Duration = Duration::from_secs(30);
    const CONCURRENCY: usize = 64;
    /// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: three days, as Standard Webhooks
    /// recommends.
    const BACKOFF: Backoff =
        Backoff::steps(&[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    const MAX_ATTEMPTS: i32 = 10;

    /// Repeating is safe: every attempt has the same `webhook-id` and the same body.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        let Self { webhook_id, delivery_id, round } = self;
        let permit = match webhook_id {
            Some(id) => Some(context.webhooks.permit(id).await.ok_or(JobError::NotItsTurn)?),
            None => None,
        };
        let origin = Origin::default();
        let begin = StartWebhookDelivery { delivery_id, round };
        let Some(request) = context.app.execute(begin, &origin).await? else {
            tracing::info!(delivery.id = %delivery_id, "delivery {delivery_id} is not due any more");
            return Ok(());
        };
        let step = tracing::debug_span!(
            "webhook",
            otel.name = "webhook",
            otel.kind = "client",
            delivery.id = %delivery_id,
            http.response.status_code = tracing::field::Empty,
        );
        let began_at = Instant::now();
        let answer = context.webhooks.call(&request).instrument(step.clone()).await;
        drop(permit);
        step.record(
            "http.response.status_code",
            answer.status.map(|status| i64::from(status.as_u16())),
        );
        context.app.metrics.work.called(answer.outcome(), began_at.elapsed());
        if answer.failure.is_some() {
            telemetry::failed(&step);
        }
        let status = answer.status.map(|status| status.as_u16());
        let outcome = match answer.failure.clone() {
            None => WebhookOutcome::Delivered,
            Some(_) if answer.status == Some(StatusCode::GONE) => WebhookOutcome::Gone,
            Some(failure) => {
                let (most, now) = (Self::MAX_ATTEMPTS, context.app.clock.now());
                let next_try_at = Self::BACKOFF.next_try(request.attempt, most, now);
                WebhookOutcome::Failed(failure, next_try_at)
            }
        };
        let record = RecordWebhookDelivery { delivery_id, round, status, outcome };
        let is_open = context.app.execute(record, &origin).await?;
        match answer.failure {
            Some(failure) if is_open => Err(JobError::retry(failure)),
            Some(failure) => {
                tracing::warn!(delivery.id = %delivery_id, failure, "delivery {delivery_id} is given up");
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Plans the deliveries of new events, and the jobs that make them; one job for each delivery.
pub(crate) async fn fan_out(
    sql: &mut PgConnection,
    events: &[Envelope],
    now: chrono::DateTime<chrono::Utc>,
) -> keyward_core::Result<Vec<QueuedTicket>> {
    let planned = webhook_fanout::fan_out(sql, events, now).await?;
    let tickets = planned.into_iter().filter_map(|planned| {
        let cause = events.iter().find(|envelope| envelope.event_id == planned.event_id)?;
        let Planned { webhook_id, delivery_id, .. } = planned;
        let job = WebhookDelivery { webhook_id: Some(webhook_id), delivery_id, round: 1 };
        // One event causes several of them: each has a key of its own.
        Some(QueuedTicket::new(&job, cause, delivery_id.to_string()))
    });
    Ok(tickets.collect())
}

#[cfg(test)]
mod tests {
    use super::WebhookDelivery;

    #[test]
    fn a_job_of_a_version_that_named_no_endpoint_is_read() {
        let id = "01a2049e-d52f-72e8-a668-57a17cddc19e";
        let job = serde_json::json!({"delivery_id": id, "round": 2});
        let job: WebhookDelivery = serde_json::from_value(job).unwrap();
        assert_eq!((job.webhook_id, job.round), (None, 2));
    }
}
