//! What became of the events that were to be sent to an endpoint.

use chrono::{DateTime, Utc};

use super::list_webhooks;
use crate::{
    App, Query, Refusal, Result,
    administrator::Administrator,
    domain::{DeliveryState, EventId, WebhookDeliveryId, WebhookId},
};

/// What became of the events that were to be sent to an endpoint, the latest first, for
/// administrators.
///
/// Refused with [`WebhookNotFound`](Refusal::WebhookNotFound).
#[derive(Debug)]
pub struct ListWebhookDeliveries {
    /// Who asks.
    pub by: Administrator,
    /// Which endpoint.
    pub webhook_id: WebhookId,
    /// Start after this one.
    pub after: Option<WebhookDeliveryId>,
    /// How many at most.
    pub limit: i64,
}

/// An event on its way to an endpoint.
#[derive(Debug, Clone)]
pub struct DeliveryView {
    /// Its identity.
    pub id: WebhookDeliveryId,
    /// The event; sent as `webhook-id`.
    pub event_id: EventId,
    /// The type of the event.
    pub subject: String,
    /// What became of it.
    pub state: DeliveryState,
    /// How often it was tried since it was last asked for.
    pub attempts: i32,
    /// The HTTP status that the endpoint answered last.
    pub status: Option<i32>,
    /// What was wrong the last time, in words.
    pub error: Option<String>,
    /// When it is tried again, at the latest.
    pub next_try_at: Option<DateTime<Utc>>,
    /// When it was first due.
    pub created_at: DateTime<Utc>,
    /// When something last became of it.
    pub updated_at: DateTime<Utc>,
}

impl Query for ListWebhookDeliveries {
    type View = Vec<DeliveryView>;
    const NAME: &'static str = "list_webhook_deliveries";

    async fn handle(self, app: &App) -> Result<Vec<DeliveryView>> {
        let mut sql = app.read_as(self.by).await?;
        if list_webhooks::read(&mut sql, Some(self.webhook_id), None, 1).await?.is_empty() {
            return Err(Refusal::WebhookNotFound.into());
        }
        let rows = sqlx::query!(
            "select delivery_id, event_id, type as subject, state, attempts, status, error,
                    next_try_at, created_at, updated_at
             from webhook_deliveries
             where webhook_id = $1 and ($2::uuid is null or delivery_id < $2)
             order by delivery_id desc limit $3",
            self.webhook_id.0,
            self.after.map(|id| id.0),
            self.limit,
        )
        .fetch_all(&mut *sql)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(DeliveryView {
                    id: WebhookDeliveryId(row.delivery_id),
                    event_id: EventId(row.event_id),
                    subject: row.subject,
                    state: row.state.parse()?,
                    attempts: row.attempts,
                    status: row.status,
                    error: row.error,
                    next_try_at: row.next_try_at,
                    created_at: row.created_at,
                    updated_at: row.updated_at,
                })
            })
            .collect()
    }
}
