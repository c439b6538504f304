//! Events between their transaction and the stream.
//!
//! A command inserts an event in its own transaction, so there is no event without a change and no
//! change without its event. `outbox` is append-only and keeps events for days: an acknowledged message
//! of a stream is not yet on disk, and a wiped stream is filled again from here: see [`stream`]. Until
//! an event has had its effect, it also has a row in `outbox_pending`: see [`pending`].

pub mod comparison;
pub mod lost;
pub mod partitions;
pub mod pending;
pub mod stream;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, domain::EventId, events::Envelope};

/// An event to publish.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its id.
    pub event_id: EventId,
    /// Its position in the outbox.
    pub position: i64,
    /// Its type, without the namespace.
    pub subject: String,
    /// The [`Envelope`] as JSON.
    pub envelope: String,
    /// The trace of its request; sent as header `traceparent`.
    pub traceparent: String,
}

/// Inserts events. Called by the commit of a unit of work.
pub(crate) async fn append(sql: &mut PgConnection, events: &[Envelope]) -> Result<()> {
    let events = serde_json::to_string(events).map_err(anyhow::Error::from)?;
    sqlx::query!(
        "with event as (
             insert into outbox (event_id, user_id, subject, envelope, occurred_at)
             select (event ->> 'event_id')::uuid, (event -> 'data' ->> 'user_id')::uuid,
                    event ->> 'type', event, (event ->> 'occurred_at')::timestamptz
             from json_array_elements($1::text::json) with ordinality as entry (event, nth)
             order by nth
             returning event_id, position)
         insert into outbox_pending (event_id, position) select event_id, position from event",
        events,
    )
    .execute(sql)
    .await?;
    Ok(())
}

/// The advisory lock of the leader: "keyward" in hexadecimal.
const LEADER: i64 = 0x006b_6579_7761_7264;

/// The record of the stream, as the leader reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lead {
    /// The generation of the stream; 0 if there is no record.
    pub generation: i32,
    /// The last known sequence number; 0 if there is none.
    pub last_sequence: i64,
    /// Events to publish again for other readers of the stream.
    pub refill: Option<Refill>,
    /// Whether NATS took the events of the last attempt.
    pub is_writable: bool,
}

/// Events that the stream may have lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refill {
    /// The position before the first.
    pub after: i64,
    /// The position of the last.
    pub up_to: i64,
}

/// Makes this transaction the leader until it ends, and returns the record of the stream. `None` if
/// another transaction leads.
///
/// Postgres ends the transaction of a leader that is silent for `lease_ms` milliseconds. The
/// transaction reads by index only: the statistics say that almost nothing is pending, so Postgres
/// would read and sort all pending events for each batch when there are many.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn lead(sql: &mut PgConnection, stream: &str, lease_ms: u32) -> Result<Option<Lead>> {
    let leads = sqlx::query!(
        r#"select pg_try_advisory_xact_lock($1) as "leads!",
                  set_config('idle_in_transaction_session_timeout', $2, true) as lease,
                  set_config('enable_bitmapscan', 'off', true) as in_order,
                  set_config('enable_seqscan', 'off', true) as by_index"#,
        LEADER,
        lease_ms.to_string(),
    )
    .fetch_one(&mut *sql)
    .await?
    .leads;
    if !leads {
        return Ok(None);
    }
    // A statement of its own: the snapshot of the first may miss what the last leader has written.
    let known = sqlx::query!(
        r#"select generation, last_sequence, refill_after, refill_up_to,
                  unwritable_since is null as "is_writable!"
           from streams where name = $1"#,
        stream,
    )
    .fetch_optional(sql)
    .await?;
    let new = Lead { generation: 0, last_sequence: 0, refill: None, is_writable: true };
    Ok(Some(known.map_or(new, |known| {
        Lead {
            generation: known.generation,
            last_sequence: known.last_sequence,
            refill: (known.refill_after.zip(known.refill_up_to))
                .map(|(after, up_to)| Refill { after, up_to }),
            is_writable: known.is_writable,
        }
    })))
}

/// Returns up to `limit` events without an effect that are not published to this generation of the
/// stream, oldest first. Locks nothing: one relay leads at a time, and duplicates have no effect.
///
/// Events of one user are in order: their positions were drawn under the lock of the user's row, and
/// those that an earlier generation had come before those that were never published.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn unpublished(
    sql: &mut PgConnection,
    generation: i32,
    limit: i64,
) -> Result<Vec<Pending>> {
    Ok(sqlx::query_as!(
        Pending,
        // Lateral: the cached plan must not read all of the outbox for a join.
        r#"select next.event_id as "event_id: EventId", next.position, subject,
                  envelope::text as "envelope!",
                  coalesce(envelope -> 'trace' ->> 'traceparent', '') as "traceparent!"
           from (select event_id, position, generation from outbox_pending
                 where generation < $1 order by generation desc, position limit $2) as next,
                lateral (select subject, envelope from outbox
                         where outbox.event_id = next.event_id limit 1) as event
           order by next.generation desc, next.position"#,
        generation,
        limit,
    )
    .fetch_all(sql)
    .await?)
}

/// Records that the stream of this name ends at a sequence number, and that it has acknowledged these
/// events.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable: the events are published again, and the
/// duplicates have no effect.
pub async fn mark_published(
    sql: &mut PgConnection,
    stream: &str,
    last_sequence: Option<i64>,
    generation: i32,
    events: &[EventId],
) -> Result<()> {
    let ids: Vec<Uuid> = events.iter().map(|event| event.0).collect();
    sqlx::query!(
        // What is locked takes effect at this moment.
        "with last as (
             update streams set last_sequence = greatest(last_sequence, $2) where name = $1
         ), published as (
             select event_id from outbox_pending where event_id = any($4) for update skip locked)
         update outbox_pending as pending set generation = $3
         from published where pending.event_id = published.event_id",
        stream,
        last_sequence,
        generation,
        &ids,
    )
    .execute(sql)
    .await?;
    Ok(())
}
