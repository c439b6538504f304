//! Starting an attempt to deliver an event to a webhook.

use crate::{
    commands::{RotateWebhookSecret, prelude::*},
    domain::{EventId, WebhookDeliveryId, WebhookId},
};

/// Counts an attempt and returns its request; `None` if there is nothing to do: the delivery has
/// ended or was requested again, or the webhook is deleted or disabled.
pub struct StartWebhookDelivery {
    /// The delivery.
    pub delivery_id: WebhookDeliveryId,
    /// The round of the caller's job.
    pub round: i32,
}

/// The HTTP request of a delivery. Never stored.
#[derive(Clone)]
pub struct WebhookRequest {
    /// The URL of the endpoint.
    pub url: String,
    /// `webhook-id`: the event.
    pub id: EventId,
    /// `webhook-timestamp`: now.
    pub at: DateTime<Utc>,
    /// `webhook-signature`: by the current secret and, for a day, by the previous one.
    pub signature: String,
    /// The body.
    pub body: String,
    /// The number of this attempt, from 1.
    pub attempt: i32,
}

impl Command for StartWebhookDelivery {
    type Output = Option<WebhookRequest>;
    const NAME: &'static str = "start_webhook_delivery";

    async fn handle(self, app: &App, _origin: &Origin) -> Result<Option<WebhookRequest>> {
        let now = app.clock.now();
        let Some(row) = sqlx::query!(
            r#"update webhook_deliveries as delivery
               set attempts = case when disabled_at is null then attempts + 1 else attempts end,
                   state = case when disabled_at is null then 'pending' else 'failed' end,
                   error = case when disabled_at is null then error
                                else 'the webhook is disabled' end,
                   next_try_at = case when disabled_at is null then next_try_at end,
                   updated_at = $3
               from webhooks
               where delivery_id = $1 and round = $2 and state = 'pending'
                     and webhooks.webhook_id = delivery.webhook_id
               returning webhooks.webhook_id as "webhook_id: WebhookId", url,
                         event_id as "event_id: EventId", body, attempts, generation, rotated_at,
                         disabled_at is not null as "is_disabled!""#,
            self.delivery_id.0,
            self.round,
            now,
        )
        .fetch_optional(&app.write)
        .await?
        .filter(|row| !row.is_disabled) else {
            return Ok(None);
        };
        let overlaps = row.rotated_at.is_some_and(|at| at + RotateWebhookSecret::OVERLAP > now);
        let oldest = if overlaps { row.generation - 1 } else { row.generation };
        let signatures = (oldest..=row.generation).rev().map(|generation| {
            app.webhooks.secret(row.webhook_id, generation).sign(row.event_id, now, &row.body)
        });
        let signature = signatures.collect::<Vec<_>>().join(" ");
        let (url, body, attempt) = (row.url, row.body, row.attempts);
        Ok(Some(WebhookRequest { url, id: row.event_id, at: now, signature, body, attempt }))
    }
}
