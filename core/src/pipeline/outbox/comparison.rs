//! What the outbox records of each event, for a comparison with the stream.

use std::collections::HashSet;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, domain::EventId, events::Envelope};

/// How far an event has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum EventProgress {
    /// Not published to the stream as it is now.
    Waiting,
    /// Published; its jobs do not exist yet.
    Published,
    /// No release that has received it so far can read it.
    Parked,
    /// Its jobs exist.
    Received,
}

/// An event, as the outbox records it.
#[derive(Debug, Clone)]
pub struct OutboxEntry {
    /// Its position in the outbox.
    pub position: i64,
    /// Its id.
    pub event_id: EventId,
    /// Its type.
    pub subject: String,
    /// How far it has come.
    pub progress: EventProgress,
    envelope: String,
}

impl OutboxEntry {
    /// Parses the event.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Fault`] if this release cannot read it.
    pub fn envelope(&self) -> Result<Envelope> {
        Ok(serde_json::from_str(&self.envelope).map_err(anyhow::Error::from)?)
    }
}

/// Returns up to `limit` events behind a position, oldest first. `stream` is the name of the stream.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn entries(
    sql: &mut PgConnection,
    stream: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<OutboxEntry>> {
    Ok(sqlx::query_as!(
        OutboxEntry,
        r#"select outbox.position, event_id as "event_id: EventId", subject,
                  envelope::text as "envelope!",
                  case when pending.position is null then 'received'
                       when parked_by is not null then 'parked'
                       when generation = (select generation from streams where name = $1)
                           then 'published'
                       else 'waiting' end as "progress!: EventProgress"
           from outbox left join outbox_pending as pending using (event_id)
           where outbox.position > $2 order by outbox.position limit $3"#,
        stream,
        after,
        limit,
    )
    .fetch_all(sql)
    .await?)
}

/// Returns those of these events that the outbox has.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn known(sql: &mut PgConnection, events: &[EventId]) -> Result<HashSet<EventId>> {
    let ids: Vec<Uuid> = events.iter().map(|event| event.0).collect();
    let known = sqlx::query_scalar!(
        r#"select event_id as "id: EventId" from outbox where event_id = any($1)"#,
        &ids,
    );
    Ok(known.fetch_all(sql).await?.into_iter().collect())
}
