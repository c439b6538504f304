//! Plans the webhook deliveries of events.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

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
struct Body<'a> {
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
    let endpoints =
        sqlx::query!("select webhook_id, types from webhooks where disabled_at is null")
            .fetch_all(&mut *sql)
            .await?;
    let mut rows = Rows::default();
    for endpoint in endpoints {
        let (id, filter) = (WebhookId(endpoint.webhook_id), EventFilter::stored(endpoint.types));
        for envelope in events.iter().filter(|one| is_wanted(&one.event, id, &filter)) {
            rows.push(id, envelope)?;
        }
    }
    rows.insert(sql, now).await
}

/// Deliveries to insert, column by column.
#[derive(Default)]
struct Rows {
    deliveries: Vec<Uuid>,
    endpoints: Vec<Uuid>,
    events: Vec<Uuid>,
    types: Vec<String>,
    bodies: Vec<String>,
}

impl Rows {
    fn push(&mut self, endpoint: WebhookId, envelope: &Envelope) -> Result<()> {
        let Envelope { event_id, occurred_at, event, .. } = envelope;
        let body = Body { event, timestamp: *occurred_at, id: *event_id };
        self.deliveries.push(WebhookDeliveryId::new().0);
        self.endpoints.push(endpoint.0);
        self.events.push(event_id.0);
        self.types.push(event.subject().to_owned());
        self.bodies.push(serde_json::to_string(&body).map_err(anyhow::Error::from)?);
        Ok(())
    }

    async fn insert(self, sql: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Planned>> {
        if self.deliveries.is_empty() {
            return Ok(Vec::new());
        }
        // The join skips endpoints that were deleted meanwhile.
        let planned = sqlx::query!(
            "insert into webhook_deliveries (delivery_id, webhook_id, event_id, type, body,
                                             created_at, updated_at, next_try_at)
             select delivery_id, webhook_id, event_id, type, body, $6, $6, $6
             from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
                  as delivery (delivery_id, webhook_id, event_id, type, body)
                  join (select webhook_id from webhooks where webhook_id = any($2)
                        for key share) as endpoint using (webhook_id)
             on conflict (webhook_id, event_id) do nothing
             returning event_id, webhook_id, delivery_id",
            &self.deliveries,
            &self.endpoints,
            &self.events,
            &self.types,
            &self.bodies,
            now,
        )
        .fetch_all(sql)
        .await?;
        let planned = planned.into_iter().map(|row| Planned {
            event_id: EventId(row.event_id),
            webhook_id: WebhookId(row.webhook_id),
            delivery_id: WebhookDeliveryId(row.delivery_id),
        });
        Ok(planned.collect())
    }
}
