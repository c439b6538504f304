//! Whether the stream is still the one that events were published to, and what it has lost.
//!
//! | what happened to the stream | how it is recognised | what is published again |
//! |---|---|---|
//! | its store was wiped, or it was created again | another creation time | everything in the outbox |
//! | an old copy of its store was restored, or a power cut removed its end | it ends before the last known message | everything behind its end |
//! | a message in the middle is missing | a comparison: see [`super::comparison`] | that message: [`publish_again`] |
//!
//! Events that had no effect yet go first, in order and together with new ones; the inbox absorbs
//! duplicates. The others follow when nothing else is pending: our own worker has processed them, but
//! other readers of the stream may not have.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Pending, Refill};
use crate::{Result, domain::EventId};

/// The state of a stream, as NATS reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// When it was created, in nanoseconds since 1970.
    pub created_ns: i64,
    /// Its last sequence number; 0 if it never had a message.
    pub last_sequence: i64,
}

/// The result of a comparison with the record of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    /// The stream has all its messages.
    Whole,
    /// The stream is not the one that events were published to.
    Replaced,
    /// The stream ends before its last known message.
    Shortened {
        /// The last known sequence number.
        from: i64,
        /// The last sequence number now.
        to: i64,
    },
}

/// Compares the stream with its record, updates the record, and marks everything that the stream has
/// lost for publishing. Call it in the transaction of the leading relay.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn recognise(sql: &mut PgConnection, seen: &Seen) -> Result<Recognition> {
    let known =
        sqlx::query!("select created_ns, last_sequence from streams where name = $1", seen.name)
            .fetch_optional(&mut *sql)
            .await?;
    let (recognition, gone_from) = match known {
        Some(known) if known.created_ns != seen.created_ns => (Recognition::Replaced, 0),
        Some(known) if known.last_sequence > seen.last_sequence => {
            let (from, to) = (known.last_sequence, seen.last_sequence);
            (Recognition::Shortened { from, to }, to + 1)
        }
        Some(known) if known.last_sequence == seen.last_sequence => return Ok(Recognition::Whole),
        Some(_) => {
            // Published by a relay that could not mark it, or by another program.
            sqlx::query!(
                "update streams set last_sequence = $2 where name = $1",
                seen.name,
                seen.last_sequence,
            )
            .execute(sql)
            .await?;
            return Ok(Recognition::Whole);
        }
        // The first stream of this name: earlier events were published to another one.
        None => (Recognition::Replaced, 0),
    };
    let refill = sqlx::query_scalar!(
        "insert into streams as known (name, created_ns, last_sequence, refill_after, refill_up_to)
         select $1, $2, $3, min(position) - 1, max(position) from outbox
         where published_at is not null and coalesce(stream_sequence, $4) >= $4
         on conflict (name) do update
             set created_ns = excluded.created_ns, last_sequence = excluded.last_sequence,
                 refill_after = least(known.refill_after, excluded.refill_after),
                 refill_up_to = greatest(known.refill_up_to, excluded.refill_up_to)
         returning refill_after",
        seen.name,
        seen.created_ns,
        seen.last_sequence,
        gone_from,
    )
    .fetch_one(&mut *sql)
    .await?;
    sqlx::query!(
        "update outbox
         set published_at = null, stream_sequence = null, publications = publications + 1
         where published_at is not null and coalesce(stream_sequence, $1) >= $1
               and not exists (select from inbox where inbox.event_id = outbox.event_id)
               and not exists (select from dead_letters
                               where dead_letters.event_id = outbox.event_id)",
        gone_from,
    )
    .execute(sql)
    .await?;
    Ok(if refill.is_some() { recognition } else { Recognition::Whole })
}

/// Returns up to `limit` events that other readers of the stream may have missed, oldest first. They
/// had their effect here before the stream lost them.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn to_refill(sql: &mut PgConnection, refill: Refill, limit: i64) -> Result<Vec<Pending>> {
    Ok(sqlx::query_as!(
        Pending,
        r#"select position, subject, envelope::text as "envelope!",
                  event_id || case publications when 0 then '' else ':' || publications end
                      as "message_id!",
                  coalesce(envelope -> 'trace' ->> 'traceparent', '') as "traceparent!"
           from outbox where position > $1 and position <= $2 and published_at is not null
           order by position limit $3"#,
        refill.after,
        refill.up_to,
        limit,
    )
    .fetch_all(sql)
    .await?)
}

/// Records how far the stream is filled again: up to a position, or completely.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable: the refill restarts at the last recorded
/// position.
pub async fn refilled(sql: &mut PgConnection, stream: &str, up_to: Option<i64>) -> Result<()> {
    sqlx::query!(
        "update streams set refill_after = $2,
                            refill_up_to = case when $2::bigint is not null then refill_up_to end
         where name = $1 and refill_after is not null",
        stream,
        up_to,
    )
    .execute(sql)
    .await?;
    Ok(())
}

/// Records whether NATS writes the stream. The time of the first failure stays.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn set_writable(
    sql: &mut PgConnection,
    stream: &str,
    is_writable: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update streams
         set unwritable_since = case when not $2 then coalesce(unwritable_since, $3) end
         where name = $1",
        stream,
        is_writable,
        now,
    )
    .execute(sql)
    .await?;
    Ok(())
}

/// Marks events for publishing, unless they are unpublished anyway.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn publish_again(sql: &mut PgConnection, events: &[EventId]) -> Result<()> {
    let ids: Vec<_> = events.iter().map(|id| id.0).collect();
    sqlx::query!(
        "update outbox
         set published_at = null, stream_sequence = null, publications = publications + 1
         where event_id = any($1) and published_at is not null",
        &ids,
    )
    .execute(sql)
    .await?;
    Ok(())
}
