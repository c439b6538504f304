//! Plans the webhook deliveries of events.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::{
    Result,
    domain::{EventId, WebhookDeliveryId, WebhookId},
    events::{Envelope, Event, EventFilter},
};

/// A planned delivery of an event to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// The event.
    pub event_id: EventId,
    /// The endpoint.
    pub webhook_id: WebhookId,
    /// The delivery.
    pub delivery_id: WebhookDeliveryId,
}

/// Whether an endpoint gets an event. Events that a delivery causes are never delivered, or failing
/// endpoints would cause each other's deliveries.
fn is_wanted(event: &Event, endpoint: WebhookId, filter: &EventFilter) -> bool {
    match event {
        Event::WebhookPing { webhook_id, .. } => *webhook_id == endpoint,
        Event::WebhookDisabled { .. } | Event::WebhookRedeliveryRequested { .. } => false,
        _ => filter.matches(event.subject()),
    }
}

/// The public form of an event (Standard Webhooks, payload structure), without its trace.
#[derive(Serialize)]
struct WebhookBody<'a> {
    #[serde(flatten)]
    event: &'a Event,
    timestamp: DateTime<Utc>,
    id: EventId,
}

/// Plans the deliveries of new events in the caller's transaction. Costs one query if no endpoint
/// wants them. Ignores events that are planned for an endpoint already.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn fan_out(
    sql: &mut PgConnection,
    events: &[Envelope],
    now: DateTime<Utc>,
) -> Result<Vec<Planned>> {
    let endpoints = sqlx::query!(
        r#"select webhook_id as "id: WebhookId", types from webhooks where disabled_at is null"#
    )
    .fetch_all(&mut *sql)
    .await?;
    let mut deliveries = Vec::new();
    for endpoint in endpoints {
        let (webhook_id, filter) = (endpoint.id, EventFilter::stored(endpoint.types));
        for envelope in events.iter().filter(|one| is_wanted(&one.event, webhook_id, &filter)) {
            let Envelope { event_id, occurred_at, event, .. } = envelope;
            let body = WebhookBody { event, timestamp: *occurred_at, id: *event_id };
            deliveries.push(json!({
                "delivery_id": WebhookDeliveryId::new(),
                "webhook_id": webhook_id,
                "event_id": event_id,
                "type": event.subject(),
                "body": serde_json::to_string(&body).map_err(anyhow::Error::from)?,
            }));
        }
    }
    if deliveries.is_empty() {
        return Ok(Vec::new());
    }
    // The join skips endpoints that were deleted in the meantime.
    Ok(sqlx::query_as!(
        Planned,
        r#"insert into webhook_deliveries (delivery_id, webhook_id, event_id, type, body,
                                           created_at, updated_at, next_try_at)
           select delivery_id, webhook_id, event_id, type, body, $2, $2, $2
           from jsonb_to_recordset($1)
                as delivery (delivery_id uuid, webhook_id uuid, event_id uuid, type text, body text)
                join webhooks using (webhook_id)
           for key share of webhooks
           on conflict (webhook_id, event_id) do nothing
           returning event_id as "event_id: EventId", webhook_id as "webhook_id: WebhookId",
                     delivery_id as "delivery_id: WebhookDeliveryId""#,
        Value::from(deliveries),
        now,
    )
    .fetch_all(sql)
    .await?)
}
