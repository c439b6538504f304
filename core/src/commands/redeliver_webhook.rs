//! Delivering something once more.

use crate::{
    App, Command, Refusal, Result,
    administrator::Administrator,
    domain::{WebhookDeliveryId, WebhookId},
    events::Event,
    origin::Origin,
    store::webhooks,
};

/// Delivers an event to an endpoint once more, whether or not it has arrived before, with all
/// attempts ahead of it. The endpoint knows it again by its `webhook-id`.
///
/// Refused with [`WebhookNotFound`](Refusal::WebhookNotFound),
/// [`DeliveryNotFound`](Refusal::DeliveryNotFound) and
/// [`WebhookDisabled`](Refusal::WebhookDisabled).
#[derive(Debug)]
pub struct RedeliverWebhook {
    /// Who asks.
    pub by: Administrator,
    /// Which endpoint.
    pub webhook_id: WebhookId,
    /// What.
    pub delivery_id: WebhookDeliveryId,
}

impl Command for RedeliverWebhook {
    type Output = ();
    const NAME: &'static str = "redeliver_webhook";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, webhook_id, delivery_id } = self;
        let mut tx = app.begin(origin).await?;
        webhooks::lock_enabled(&mut tx, by, webhook_id).await?;
        let now = tx.now;
        let round = sqlx::query_scalar!(
            "update webhook_deliveries
             set state = 'pending', round = round + 1, attempts = 0, next_try_at = $3,
                 updated_at = $3
             where delivery_id = $1 and webhook_id = $2 returning round",
            delivery_id.0,
            webhook_id.0,
            now,
        )
        .fetch_optional(tx.sql())
        .await?
        .ok_or(Refusal::DeliveryNotFound)?;
        let actor_id = by.user_id();
        tx.emit(Event::WebhookRedeliveryRequested { webhook_id, delivery_id, round, actor_id });
        tx.commit().await
    }
}
