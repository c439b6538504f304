//! Taking an event to send it to an endpoint.

use chrono::{DateTime, Utc};

use crate::commands::RotateWebhookSecret;
use crate::{
    App, Command, Result,
    domain::{EventId, WebhookDeliveryId, WebhookId},
    origin::Origin,
};

/// Counts an attempt to deliver and returns what it takes to make it, or nothing if there is
/// nothing to do: delivered or given up before, asked for once more since, or the endpoint is
/// deleted or disabled.
#[derive(Debug)]
pub struct StartWebhookDelivery {
    /// What.
    pub delivery_id: WebhookDeliveryId,
    /// The round that the caller works for.
    pub round: i32,
}

/// A request to be made. Lives in memory only.
#[derive(Clone)]
pub struct WebhookRequest {
    /// Where it goes.
    pub url: String,
    /// `webhook-id`: the event.
    pub id: EventId,
    /// `webhook-timestamp`: now.
    pub at: DateTime<Utc>,
    /// `webhook-signature`: by the present secret and, for a day, by the one before it.
    pub signature: String,
    /// What it says.
    pub body: String,
    /// The number of this attempt, from 1.
    pub attempt: i32,
}

impl std::fmt::Debug for WebhookRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookRequest").field("id", &self.id).finish_non_exhaustive()
    }
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
               returning webhooks.webhook_id, url, event_id, body, attempts, generation,
                         rotated_at, disabled_at is not null as "is_disabled!""#,
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
        let id = EventId(row.event_id);
        let signatures = (oldest..=row.generation).rev().map(|generation| {
            let secret = app.webhooks.secret(WebhookId(row.webhook_id), generation);
            secret.sign(id, now, &row.body)
        });
        let signature = signatures.collect::<Vec<_>>().join(" ");
        let (url, body, attempt) = (row.url, row.body, row.attempts);
        Ok(Some(WebhookRequest { url, id, at: now, signature, body, attempt }))
    }
}
