//! Repeating a delivery to a webhook.

use super::prelude::*;
use crate::domain::{WebhookDeliveryId, WebhookId};

/// Delivers an event to a webhook again, with all attempts, whether or not it has arrived before.
/// The endpoint recognises it by its `webhook-id`.
///
/// Refused with [`WebhookNotFound`](Refusal::WebhookNotFound),
/// [`DeliveryNotFound`](Refusal::DeliveryNotFound) and
/// [`WebhookDisabled`](Refusal::WebhookDisabled).
pub struct RedeliverWebhook {
    /// The administrator.
    pub by: Administrator,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The delivery.
    pub delivery_id: WebhookDeliveryId,
}

impl Command for RedeliverWebhook {
    type Output = ();
    const NAME: &'static str = "redeliver_webhook";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, webhook_id, delivery_id } = self;
        let mut tx = webhooks::begin_enabled(app, origin, by, webhook_id).await?;
        let round = sqlx::query_scalar!(
            "update webhook_deliveries
             set state = 'pending', round = round + 1, attempts = 0, next_try_at = $3,
                 updated_at = $3
             where delivery_id = $1 and webhook_id = $2 returning round",
            delivery_id.0,
            webhook_id.0,
            tx.now,
        )
        .fetch_optional(tx.sql())
        .await?
        .ok_or(Refusal::DeliveryNotFound)?;
        let actor_id = by.id();
        tx.emit(Event::WebhookRedeliveryRequested { webhook_id, delivery_id, round, actor_id });
        tx.complete(()).await
    }
}
