//! Whether the stream is still the one that events were published to, and what it has lost.
//!
//! | what happened to the stream | how it is recognised | what is published again |
//! |---|---|---|
//! | its store was wiped, or it was created again | another creation time | everything in the outbox |
//! | an old copy of its store was restored, or a power cut removed its end | it ends before the last known message | everything since its last message |
//! | it has events that this database never committed, because Postgres was restored from a backup | the relay reads what is not recorded: see [`super::lost`] | events without an effect: [`publish_again`] |
//! | a message in the middle is missing | a comparison: see [`super::comparison`] | events without an effect: [`publish_again`] |
//!
//! Each begins another *generation* of the stream, in a statement whose cost does not depend on the
//! number of events. Events without an effect go first, in order and together with new ones: all that
//! are not published to the current generation. The others follow in batches when nothing else waits:
//! our own worker has processed them, but other readers of the stream may not have.

use chrono::{DateTime, TimeDelta, Utc};
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

/// How much later an event can be published than one that was created after it: longer than any
/// command takes.
const LATE_COMMIT: TimeDelta = TimeDelta::minutes(1);

/// The result of a comparison with the record of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    /// The stream has the messages that are recorded.
    Whole,
    /// The stream also has later messages: a relay could not record them, another program published
    /// them, or this database was restored from a backup.
    Grown {
        /// The last known sequence number.
        from: i64,
        /// The last sequence number now.
        to: i64,
    },
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

/// Compares the stream with its record.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn recognise(sql: &mut PgConnection, seen: &Seen) -> Result<Recognition> {
    let known =
        sqlx::query!("select created_ns, last_sequence from streams where name = $1", seen.name)
            .fetch_optional(sql)
            .await?;
    let to = seen.last_sequence;
    match known {
        Some(known) if known.created_ns != seen.created_ns => Ok(Recognition::Replaced),
        Some(known) if known.last_sequence > to => {
            Ok(Recognition::Shortened { from: known.last_sequence, to })
        }
        Some(known) if known.last_sequence == to => Ok(Recognition::Whole),
        Some(known) => Ok(Recognition::Grown { from: known.last_sequence, to }),
        // The first stream of this name: earlier events were published to another one.
        None => Ok(Recognition::Replaced),
    }
}

/// Begins another generation of the stream, which has lost the events after `last`, its last one; all
/// of them if there is none. Call it in the transaction of the leading relay. Returns whether events
/// that had their effect are published again.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn begin_generation(
    sql: &mut PgConnection,
    seen: &Seen,
    last: Option<EventId>,
) -> Result<bool> {
    let after = match last.zip(last.and_then(|event| event.made_at())) {
        Some((event, made_at)) => {
            let known = sqlx::query_scalar!(
                r#"select least(position, (
                              select position from outbox as earlier where earlier.event_id >= $2
                              order by earlier.event_id limit 1)) - 1 as "after!"
                   from outbox where event_id = $1"#,
                event.0,
                EventId::first_at(made_at - LATE_COMMIT).0,
            );
            known.fetch_optional(&mut *sql).await?
        }
        None => None,
    };
    let refill = sqlx::query_scalar!(
        // Before the first generation nothing was published, so nothing is lost.
        "with earlier as (select greatest((select max(generation) from streams),
                                          (select max(generation) from outbox_pending
                                           where generation > 0)) as generation),
              outbox_end as (select max(position) as position from outbox)
         insert into streams as known
             (name, created_ns, last_sequence, generation, refill_after, refill_up_to)
         select $1, $2, $3, coalesce(generation, 0) + 1,
                case when generation is not null and position is not null then $4::bigint end,
                case when generation is not null then position end
         from earlier, outbox_end
         on conflict (name) do update
             set created_ns = excluded.created_ns, last_sequence = excluded.last_sequence,
                 generation = excluded.generation,
                 lost_up_to = case when known.created_ns = excluded.created_ns
                                   then least(known.lost_up_to, excluded.last_sequence)
                                   else 0 end,
                 refill_after = least(known.refill_after, excluded.refill_after),
                 refill_up_to = greatest(known.refill_up_to, excluded.refill_up_to)
         returning refill_after",
        seen.name,
        seen.created_ns,
        seen.last_sequence,
        after.unwrap_or(0),
    )
    .fetch_one(sql)
    .await?;
    Ok(refill.is_some())
}

/// A part of the events that other readers of the stream may have missed.
#[derive(Debug)]
pub struct RefillBatch {
    /// The events, oldest first. They had their effect here.
    pub events: Vec<Pending>,
    /// The position of its last event; `None` if no event follows.
    pub up_to: Option<i64>,
}

/// Returns the next events to publish again, out of `limit` positions. Pending events among them are
/// left out: they are published by themselves.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn to_refill(sql: &mut PgConnection, refill: Refill, limit: i64) -> Result<RefillBatch> {
    let rows = sqlx::query!(
        r#"select event_id as "event_id: EventId", position, subject, envelope::text as "envelope!",
                  coalesce(envelope -> 'trace' ->> 'traceparent', '') as "traceparent!",
                  exists (select from outbox_pending as pending
                          where pending.event_id = batch.event_id) as "is_pending!"
           from (select event_id, position, subject, envelope from outbox
                 where position > $1 and position <= $2 order by position limit $3) as batch
           order by position"#,
        refill.after,
        refill.up_to,
        limit,
    )
    .fetch_all(sql)
    .await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
    let up_to = rows.last().map(|last| last.position).filter(|_| is_full);
    let events = rows.into_iter().filter(|row| !row.is_pending).map(|row| Pending {
        event_id: row.event_id,
        position: row.position,
        subject: row.subject,
        envelope: row.envelope,
        traceparent: row.traceparent,
    });
    Ok(RefillBatch { events: events.collect(), up_to })
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

/// Publishes all events again that had no effect, under other message ids than those of generations up
/// to `used`, which the stream may still take for duplicates.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn publish_again(sql: &mut PgConnection, stream: &str, used: i32) -> Result<()> {
    sqlx::query!(
        "update streams set generation = greatest(generation, $2) + 1 where name = $1",
        stream,
        used,
    )
    .execute(sql)
    .await?;
    Ok(())
}
