//! Events between their transaction and the stream.
//!
//! A row is written in the command's own transaction, so there is no event without a change and
//! no change without its event. It stays for days after publishing: an acknowledged message of a
//! stream is not yet on disk, and a stream that was wiped is filled again from here: see
//! [`stream`].

pub mod comparison;
pub mod stream;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{Result, events::Envelope};

/// An event that waits to be published.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its place in the outbox.
    pub position: i64,
    /// What the stream knows its repetitions by: the event's id, with a number behind it if it has
    /// been published before and was lost.
    pub message_id: String,
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

/// The advisory lock of whoever publishes: "keyward" in hexadecimal.
const LEADER: i64 = 0x006b_6579_7761_7264;

/// What whoever publishes knows of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lead {
    /// The last message that it is known to have; 0 if there was none.
    pub last_sequence: i64,
    /// Where events stand that are to be published once more, if there are any.
    pub refill: Option<Refill>,
}

/// Published events that the stream may have lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refill {
    /// The position before the first.
    pub after: i64,
    /// The position of the last.
    pub up_to: i64,
}

/// Makes this transaction the one that publishes, until it ends, and returns what is known of the
/// stream of this name; nothing if another one is at it.
///
/// A leader that is silent in the middle of its transaction is cut off by Postgres after
/// `lease_ms` milliseconds, so that another one goes on. In it, Postgres takes what is asked for in
/// the order of an index: it knows from its statistics that next to nothing waits, and would read and
/// sort all of it for each batch, just when much has piled up.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
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
    // In a statement of its own: that of the lock does not see yet what the last leader has noted.
    let known = sqlx::query!(
        "select last_sequence, refill_after, refill_up_to from streams where name = $1",
        stream,
    )
    .fetch_optional(sql)
    .await?;
    Ok(Some(known.map_or(Lead { last_sequence: 0, refill: None }, |known| {
        Lead {
            last_sequence: known.last_sequence,
            refill: (known.refill_after.zip(known.refill_up_to))
                .map(|(after, up_to)| Refill { after, up_to }),
        }
    })))
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

/// An event that the stream has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Its place in the outbox.
    pub position: i64,
    /// Its place in the stream.
    pub sequence: i64,
}

/// Notes that the stream of this name has acknowledged these events.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away: they will be published again, which the
/// inbox absorbs.
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

/// Removes events that were published before `before` and have had their effect, and notes how far,
/// so that readers of the log who have not come so far are told; returns how many.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
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
