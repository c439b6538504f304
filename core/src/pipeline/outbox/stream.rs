//! Whether the stream is still the one that events were published to, and what it has lost.
//!
//! | what happened to the stream | how it is seen | what goes out again |
//! |---|---|---|
//! | its store was wiped, or it was made anew | it was created at another time | everything the outbox holds |
//! | an old copy of its store was put back, or a power cut took its end | it ends before the last message that it had | everything behind its end |
//! | a message is gone in its middle | a comparison: see [`super::comparison`] | that one: [`publish_again`] |
//!
//! What has had no effect yet goes first, in order and together with what is new; the inbox absorbs
//! what turns up twice. The rest follows when nothing else waits: our own worker has seen it, but
//! others who read the stream may not have.

use sqlx::PgConnection;

use super::{Pending, Refill};
use crate::{Result, domain::EventId};

/// A stream, as NATS describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// When it was made, in nanoseconds since 1970.
    pub created_ns: i64,
    /// Its last message; 0 if it never had one.
    pub last_sequence: i64,
}

/// What has become of the stream since it was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    /// It has everything that it had.
    Whole,
    /// It is another one than the one that events were published to.
    Replaced,
    /// It ends before the last message that it had.
    Shortened {
        /// That message.
        from: i64,
        /// Its last one now.
        to: i64,
    },
}

/// Compares the stream with what is remembered of it, remembers it as it is, and has everything that
/// it has lost published again. Call it in the transaction of the relay that leads.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
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
            // Of a relay that could not note what it published, or of somebody else.
            sqlx::query!(
                "update streams set last_sequence = $2 where name = $1",
                seen.name,
                seen.last_sequence,
            )
            .execute(sql)
            .await?;
            return Ok(Recognition::Whole);
        }
        // The first one of this name: if anything was published before, it was to another one.
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

/// Up to `limit` events that others who read the stream may have missed, oldest first: they have
/// had their effect here, before the stream lost them.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
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

/// Notes how far the stream has been filled again: up to this position, or to the end.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away: it will be filled from an earlier one.
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

/// Has these events published again, unless they wait to be published anyway.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
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
