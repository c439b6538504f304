//! Events that have taken effect. For ever: an event counts once, however often it is delivered.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, domain::EventId};

/// Notes events as received, in the caller's transaction, and returns those that are new.
///
/// Two callers with the same event: the second waits for the first one's transaction and then
/// finds it taken, or takes it if the first one rolled back.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn first_time(
    sql: &mut PgConnection,
    ids: &[EventId],
    now: DateTime<Utc>,
) -> Result<HashSet<EventId>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let new = sqlx::query_scalar!(
        "insert into inbox (event_id, received_at)
         select distinct event_id, $2::timestamptz from unnest($1::uuid[]) as event (event_id)
         order by event_id
         on conflict do nothing returning event_id",
        &ids,
        now,
    )
    .fetch_all(sql)
    .await?;
    Ok(new.into_iter().map(EventId).collect())
}

/// Keeps a message that could not be read, with the reason, for a person to look at.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn bury(
    sql: &mut PgConnection,
    subject: &str,
    payload: &[u8],
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into dead_letters (dead_letter_id, subject, payload, reason, received_at)
         values ($1, $2, $3, $4, $5)",
        Uuid::now_v7(),
        subject,
        payload,
        // The reason may quote the message; a NUL cannot be stored as text.
        reason.replace('\0', "\u{fffd}"),
        now,
    )
    .execute(sql)
    .await?;
    Ok(())
}
