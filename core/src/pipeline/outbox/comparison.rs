//! What the outbox and the inbox record of each event, for a comparison with the stream.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{Result, domain::EventId, events::Envelope};

/// An event, as the outbox and the inbox record it.
#[derive(Debug, Clone)]
pub struct OutboxEntry {
    /// Its position in the outbox.
    pub position: i64,
    /// Its id.
    pub event_id: EventId,
    /// Its type.
    pub subject: String,
    /// When the stream acknowledged it.
    pub published_at: Option<DateTime<Utc>>,
    /// Whether its jobs exist.
    pub is_received: bool,
    /// Whether it is a dead letter.
    pub is_dead: bool,
    envelope: String,
}

impl OutboxEntry {
    /// Parses the event.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Fault`] if it is unreadable: its catalogue entry was changed in place.
    pub fn envelope(&self) -> Result<Envelope> {
        Ok(serde_json::from_str(&self.envelope).map_err(anyhow::Error::from)?)
    }
}

/// Returns up to `limit` events behind a position, oldest first.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn entries(sql: &mut PgConnection, after: i64, limit: i64) -> Result<Vec<OutboxEntry>> {
    Ok(sqlx::query_as!(
        OutboxEntry,
        r#"select position, event_id as "event_id: EventId", subject, published_at,
                  envelope::text as "envelope!",
                  exists (select from inbox where inbox.event_id = outbox.event_id)
                      as "is_received!",
                  exists (select from dead_letters where dead_letters.event_id = outbox.event_id)
                      as "is_dead!"
           from outbox where position > $1 order by position limit $2"#,
        after,
        limit,
    )
    .fetch_all(sql)
    .await?)
}
