//! Events between their transaction and the stream.
//!
//! A command inserts a row in its own transaction, so there is no event without a change and no
//! change without its event. A row stays for days after publishing: an acknowledged message of a
//! stream is not yet on disk, and a wiped stream is filled again from here: see [`stream`].

pub mod comparison;
pub mod stream;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{Result, events::Envelope};

/// An event to publish.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its position in the outbox.
    pub position: i64,
    /// The id by which the stream recognises duplicates: the id of the event, followed by a number
    /// if it was published before and lost.
    pub message_id: String,
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
        "insert into outbox (event_id, user_id, subject, envelope, occurred_at)
         select (event ->> 'event_id')::uuid, (event -> 'data' ->> 'user_id')::uuid,
                event ->> 'type', event, (event ->> 'occurred_at')::timestamptz
         from json_array_elements($1::text::json) with ordinality as entry (event, nth) order by nth",
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
    /// The last known sequence number; 0 if there is none.
    pub last_sequence: i64,
    /// Events to publish again.
    pub refill: Option<Refill>,
    /// Whether NATS took the events of the last attempt.
    pub is_writable: bool,
}

/// Published events that the stream may have lost.
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
        r#"select last_sequence, refill_after, refill_up_to,
                  unwritable_since is null as "is_writable!"
           from streams where name = $1"#,
        stream,
    )
    .fetch_optional(sql)
    .await?;
    let new = Lead { last_sequence: 0, refill: None, is_writable: true };
    Ok(Some(known.map_or(new, |known| {
        Lead {
            last_sequence: known.last_sequence,
            refill: (known.refill_after.zip(known.refill_up_to))
                .map(|(after, up_to)| Refill { after, up_to }),
            is_writable: known.is_writable,
        }
    })))
}

/// Returns up to `limit` unpublished events, oldest first. Locks nothing: one relay leads at a time,
/// and the inbox absorbs duplicates.
///
/// Events of one user are in order, because their positions were drawn under the lock of the user's
/// row.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn unpublished(sql: &mut PgConnection, limit: i64) -> Result<Vec<Pending>> {
    Ok(sqlx::query_as!(
        Pending,
        r#"select position, subject, envelope::text as "envelope!",
                  event_id || case publications when 0 then '' else ':' || publications end
                      as "message_id!",
                  coalesce(envelope -> 'trace' ->> 'traceparent', '') as "traceparent!"
           from outbox where published_at is null order by position limit $1"#,
        limit,
    )
    .fetch_all(sql)
    .await?)
}

/// An event that the stream has acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Its position in the outbox.
    pub position: i64,
    /// Its sequence number in the stream.
    pub sequence: i64,
}

/// Marks events as published to the stream of this name.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable: the events are published again, and the
/// inbox absorbs the duplicates.
pub async fn mark_published(
    sql: &mut PgConnection,
    stream: &str,
    acknowledged: &[Acknowledged],
    now: DateTime<Utc>,
) -> Result<()> {
    let positions: Vec<i64> = acknowledged.iter().map(|event| event.position).collect();
    let sequences: Vec<i64> = acknowledged.iter().map(|event| event.sequence).collect();
    sqlx::query!(
        "with last as (
             update streams set last_sequence = greatest(last_sequence, $4) where name = $5)
         update outbox set published_at = coalesce(published_at, $3), stream_sequence = sequence
         from unnest($1::bigint[], $2::bigint[]) as event (place, sequence)
         where position = place and position = any($1)",
        &positions,
        &sequences,
        now,
        sequences.iter().max(),
        stream,
    )
    .execute(sql)
    .await?;
    Ok(())
}

/// Deletes events that were published before `before` and had their effect, and records the last of
/// them, so that a reader of the event log who is behind gets an error. Returns their number.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn prune(sql: &mut PgConnection, before: DateTime<Utc>) -> Result<u64> {
    let removed = sqlx::query_scalar!(
        r#"with gone as (
               delete from outbox
               where published_at < $1
                     and (exists (select from inbox where inbox.event_id = outbox.event_id)
                          or exists (select from dead_letters
                                     where dead_letters.event_id = outbox.event_id))
               returning transaction, position
           ), mark as (
               insert into outbox_pruned as last (transaction, position)
               select transaction, position from gone
               order by transaction desc, position desc limit 1
               on conflict (is_the_row) do update
               set transaction = excluded.transaction, position = excluded.position
               where (last.transaction, last.position) < (excluded.transaction, excluded.position)
                     -- Of a database that this one was restored from.
                     or last.transaction >= pg_snapshot_xmax(pg_current_snapshot())
           )
           select count(*) as "count!" from gone"#,
        before,
    )
    .fetch_one(sql)
    .await?;
    Ok(removed.unsigned_abs())
}
