//! Events between their transaction and the stream.
//!
//! A row is written in the command's own transaction, so there is no event without a change and
//! no change without its event. It stays for days after publishing: an acknowledged message of a
//! stream is not yet on disk, and a stream that was wiped is filled again from here.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{Result, domain::EventId, events::Envelope};

/// An event that waits to be published.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its place in the outbox.
    pub position: i64,
    /// Its identity.
    pub event_id: EventId,
    /// What it is called on the wire.
    pub subject: String,
    /// The [`Envelope`] as JSON, ready to send.
    pub envelope: String,
    /// The request that set it off; sent as header `traceparent`.
    pub traceparent: String,
}

/// Writes events down; called by the commit of a unit of work.
pub(crate) async fn append(sql: &mut PgConnection, events: &[Envelope]) -> Result<()> {
    let mut ids = Vec::with_capacity(events.len());
    let mut users = Vec::with_capacity(events.len());
    let mut subjects = Vec::with_capacity(events.len());
    let mut envelopes = Vec::with_capacity(events.len());
    let mut times = Vec::with_capacity(events.len());
    for event in events {
        ids.push(event.event_id.0);
        users.push(event.event.user_id().map(|id| id.0));
        subjects.push(event.event.subject().to_owned());
        envelopes.push(serde_json::to_string(event).map_err(anyhow::Error::from)?);
        times.push(event.occurred_at);
    }
    sqlx::query!(
        "insert into outbox (event_id, user_id, subject, envelope, occurred_at)
         select event_id, user_id, subject, envelope::json, occurred_at
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])
              with ordinality as event (event_id, user_id, subject, envelope, occurred_at, nth)
         order by nth",
        &ids,
        &users as &[Option<uuid::Uuid>],
        &subjects,
        &envelopes,
        &times,
    )
    .execute(sql)
    .await?;
    Ok(())
}

/// Up to `limit` unpublished events, oldest first. Locks nothing: there is one relay at a time,
/// and what is published twice is absorbed by the inbox.
///
/// One user's events are in order, because their positions were drawn under that user's row lock.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn unpublished(sql: &mut PgConnection, limit: i64) -> Result<Vec<Pending>> {
    let rows = sqlx::query!(
        r#"select position, event_id, subject, envelope::text as "envelope!",
                  coalesce(envelope -> 'trace' ->> 'traceparent', '') as "traceparent!"
           from outbox where published_at is null order by position limit $1"#,
        limit,
    )
    .fetch_all(sql)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Pending {
            position: row.position,
            event_id: EventId(row.event_id),
            subject: row.subject,
            envelope: row.envelope,
            traceparent: row.traceparent,
        })
        .collect())
}

/// Notes that the stream has acknowledged these events.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away: they will be published again, which the
/// inbox absorbs.
pub async fn mark_published(
    sql: &mut PgConnection,
    positions: &[i64],
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!("update outbox set published_at = $2 where position = any($1)", positions, now,)
        .execute(sql)
        .await?;
    Ok(())
}

/// Removes events that were published before `before`; returns how many.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn prune(sql: &mut PgConnection, before: DateTime<Utc>) -> Result<u64> {
    let done =
        sqlx::query!("delete from outbox where published_at < $1", before).execute(sql).await?;
    Ok(done.rows_affected())
}
