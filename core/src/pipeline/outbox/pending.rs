//! Events without an effect so far: each has a row in `outbox_pending` until its jobs exist.

use std::collections::HashSet;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Result,
    domain::EventId,
    events::{Envelope, Event},
};

/// Lets events have their effect in the caller's transaction, and returns those that had none before.
/// An event that was never committed here has no effect, whatever the stream delivers.
///
/// Of two concurrent callers with the same event, the second waits for the first. It gets the event
/// only if the first rolls back.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn take(sql: &mut PgConnection, ids: &[EventId]) -> Result<HashSet<EventId>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let new = sqlx::query_scalar!(
        r#"with due as (
               select event_id from outbox_pending where event_id = any($1)
               order by event_id for update)
           delete from outbox_pending as pending using due
           where pending.event_id = due.event_id
           returning pending.event_id as "id: EventId""#,
        &ids,
    )
    .fetch_all(sql)
    .await?;
    Ok(new.into_iter().collect())
}

/// Returns the committed form of an event that had no effect yet. `None` if it had one, or was never
/// committed here.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn envelope(sql: &mut PgConnection, event: EventId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        r#"select envelope::text as "envelope!" from outbox_pending join outbox using (event_id)
           where event_id = $1"#,
        event.0,
    )
    .fetch_optional(sql)
    .await?)
}

/// Parks an event that this release cannot read.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn park(sql: &mut PgConnection, event: EventId, reason: &str) -> Result<()> {
    // Without the list of all that this release knows.
    let reason = reason.split(", expected").next().unwrap_or(reason);
    sqlx::query!(
        "update outbox_pending set parked_by = $2, parked_because = $3 where event_id = $1",
        event.0,
        Event::catalogue_hash(),
        // The reason may quote the event, and Postgres cannot store a NUL in a text.
        reason.replace('\0', "\u{fffd}"),
    )
    .execute(sql)
    .await?;
    Ok(())
}

/// Locks up to `limit` events that a release with another catalogue has parked, for the rest of the
/// transaction; skips those that another transaction has locked. Parks the ones again that this
/// release cannot read either, and returns the others, with the number of all.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn unpark(sql: &mut PgConnection, limit: i64) -> Result<(Vec<Envelope>, usize)> {
    let parked = sqlx::query!(
        r#"with other as (
               (select event_id from outbox_pending
                where parked_by < $1 order by parked_by, position limit $2)
               union all
               (select event_id from outbox_pending
                where parked_by > $1 order by parked_by, position limit $2))
           select pending.event_id as "id: EventId",
                  (select envelope::text from outbox
                   where outbox.event_id = pending.event_id) as "envelope!"
           from outbox_pending as pending
           where event_id = any(array(select event_id from other))
           order by position for update skip locked"#,
        Event::catalogue_hash(),
        limit,
    )
    .fetch_all(&mut *sql)
    .await?;
    let (count, mut readable) = (parked.len(), Vec::new());
    for event in parked {
        match serde_json::from_str(&event.envelope) {
            Ok(envelope) => readable.push(envelope),
            Err(error) => park(sql, event.id, &error.to_string()).await?,
        }
    }
    Ok((readable, count))
}
