//! The deliveries of a webhook.

use super::{get_webhook, prelude::*};
use crate::domain::{DeliveryState, EventId, WebhookDeliveryId, WebhookId};

/// Lists the deliveries of a webhook, newest first, for administrators.
///
/// Refused with [`WebhookNotFound`](crate::Refusal::WebhookNotFound).
pub struct ListWebhookDeliveries {
    /// The administrator.
    pub by: Administrator,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The part to read.
    pub page: Keyset<WebhookDeliveryId>,
}

/// The delivery of an event to a webhook.
#[derive(Debug, Clone)]
pub struct DeliveryView {
    /// The delivery.
    pub id: WebhookDeliveryId,
    /// The event; sent as `webhook-id`.
    pub event_id: EventId,
    /// The type of the event.
    pub subject: String,
    /// The state of the delivery.
    pub state: DeliveryState,
    /// Attempts since the delivery was last requested.
    pub attempts: i32,
    /// The HTTP status of the last response.
    pub status: Option<i32>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// When the next attempt starts, at the latest.
    pub next_try_at: Option<DateTime<Utc>>,
    /// When the delivery was created.
    pub created_at: DateTime<Utc>,
    /// When the delivery last changed.
    pub updated_at: DateTime<Utc>,
}

impl Query for ListWebhookDeliveries {
    type View = Vec<DeliveryView>;
    const NAME: &'static str = "list_webhook_deliveries";

    async fn handle(self, app: &App) -> Result<Vec<DeliveryView>> {
        let mut sql = app.read_as(self.by).await?;
        get_webhook::read(&mut sql, self.webhook_id).await?;
        Ok(sqlx::query_as!(
            DeliveryView,
            r#"select delivery_id as "id: WebhookDeliveryId", event_id as "event_id: EventId",
                      type as subject, state as "state: DeliveryState", attempts, status, error,
                      next_try_at, created_at, updated_at
               from webhook_deliveries
               where webhook_id = $1 and ($2::uuid is null or delivery_id < $2)
               order by delivery_id desc limit $3"#,
            self.webhook_id.0,
            self.page.after.map(|id| id.0),
            self.page.limit,
        )
        .fetch_all(&mut *sql)
        .await?)
    }
}
