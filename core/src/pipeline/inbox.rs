//! Events that had their effect. Kept for ever: an event has one effect, however often it is
//! delivered.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, domain::EventId};

/// Records events as received in the caller's transaction, and returns the new ones.
///
/// Of two concurrent callers with the same event, the second waits for the first. It gets the event
/// only if the first rolls back.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn first_time(
    sql: &mut PgConnection,
    ids: &[EventId],
    now: DateTime<Utc>,
) -> Result<HashSet<EventId>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let new = sqlx::query_scalar!(
        r#"insert into inbox (event_id, received_at)
           select distinct event_id, $2::timestamptz from unnest($1::uuid[]) as event (event_id)
           order by event_id
           on conflict do nothing returning event_id as "id: EventId""#,
        &ids,
        now,
    )
    .fetch_all(sql)
    .await?;
    Ok(new.into_iter().collect())
}
