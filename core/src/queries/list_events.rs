//! The public event log.

use serde_json::Value;
use uuid::Uuid;

use super::prelude::*;
use crate::domain::{EventId, UserId};

/// Lists the public event log, oldest first, as far back as the outbox reaches.
///
/// A reader who continues with the cursor of the last answer misses no event and sees none twice. An
/// event appears once every transaction that started to write before its own has ended: until then
/// such a transaction could still insert an event before it. Events of one account can appear out of
/// order if their transactions overlapped; their `version` gives the order.
///
/// Refused with [`CursorExpired`](Refusal::CursorExpired) if events after the cursor have been
/// pruned, or the last event before it is unknown: the database was restored from a backup since.
pub struct ListEvents {
    /// The administrator.
    pub by: Administrator,
    /// The cursor to continue after; `None` reads from the oldest event.
    pub after: Option<EventCursor>,
    /// Only events of these types; `None` for all.
    pub subjects: Option<Vec<String>>,
    /// The maximum number of events.
    pub limit: i64,
}

/// A place in the log: behind an event, or before the first one. A position alone is not enough:
/// positions are drawn before the commit, and transactions and positions repeat after a restore.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventCursor {
    /// The transaction of Postgres (`xid8`) that emitted the event.
    pub transaction: i64,
    /// The position among the events of this transaction; 0 before the first event.
    pub position: i64,
    /// The id of the event.
    pub event_id: Uuid,
}

/// A part of the log.
#[derive(Debug, Clone)]
pub struct EventLog {
    /// The events, oldest first.
    pub events: Vec<LoggedEvent>,
    /// Where to continue, now or later.
    pub cursor: EventCursor,
}

/// An event: ids and words of closed sets, no personal data.
#[derive(Debug, Clone)]
pub struct LoggedEvent {
    /// The event, as in the stream.
    pub id: EventId,
    /// Its type.
    pub subject: String,
    /// When it occurred.
    pub occurred_at: DateTime<Utc>,
    /// The account it concerns.
    pub user_id: Option<UserId>,
    /// Its members.
    pub data: Value,
    /// The transaction that emitted it (`xid8`).
    pub transaction: i64,
    /// Its position among all events.
    pub position: i64,
}

impl LoggedEvent {
    /// The place behind the event.
    #[must_use]
    pub fn cursor(&self) -> EventCursor {
        let (transaction, position) = (self.transaction, self.position);
        EventCursor { transaction, position, event_id: self.id.0 }
    }
}

impl Query for ListEvents {
    type View = EventLog;
    const NAME: &'static str = "list_events";

    async fn handle(self, app: &App) -> Result<EventLog> {
        let mut sql = app.read_as(self.by).await?;
        let after = self.after.unwrap_or_default();
        let log = sqlx::query!(
            r#"with horizon as (
                   select pg_snapshot_xmin(pg_current_snapshot()) as transaction
               ), pruned as (
                   select transaction, position from outbox_pruned
                   -- A larger one comes from the database this one was restored from.
                   where transaction < (select transaction from horizon)
               )
               select last.transaction::text::bigint as last_transaction, last.position as last_position,
                      last.event_id as last_event,
                      $1::text::xid8 < horizon.transaction
                          and not exists (select from pruned
                                          where (transaction, position) > ($1::text::xid8, $2))
                          and ($2 = 0
                               or exists (select from pruned
                                          where (transaction, position) = ($1::text::xid8, $2))
                               or exists (select from outbox
                                          where event_id = $3 and transaction = $1::text::xid8
                                                and position = $2)) as "is_known!"
               from horizon left join lateral (
                   (select transaction, position, event_id from outbox
                    where transaction < horizon.transaction
                    order by transaction desc, position desc limit 1)
                   union all
                   (select transaction, position, '00000000-0000-0000-0000-000000000000' from pruned)
                   order by transaction desc, position desc limit 1
               ) as last on true"#,
            after.transaction.to_string(),
            after.position,
            after.event_id,
        )
        .fetch_one(&mut *sql)
        .await?;
        if self.after.is_some() && !log.is_known {
            return Err(Refusal::CursorExpired.into());
        }
        let events = sqlx::query_as!(
            LoggedEvent,
            // Two branches, of which one runs: each has an index.
            r#"select event_id as "id!: EventId", subject as "subject!", occurred_at as "occurred_at!",
                      user_id as "user_id: UserId", envelope -> 'data' as "data!",
                      transaction::text::bigint as "transaction!", position as "position!"
               from (
                   (select * from outbox
                    where $3::text[] is null and (transaction, position) > ($1::text::xid8, $2)
                          and transaction < pg_snapshot_xmin(pg_current_snapshot())
                    order by transaction, position limit $4)
                   union all
                   (select of_type.* from unnest($3::text[]) as wanted (type) cross join lateral (
                        select * from outbox
                        where subject = wanted.type and (transaction, position) > ($1::text::xid8, $2)
                              and transaction < pg_snapshot_xmin(pg_current_snapshot())
                        order by transaction, position limit $4
                    ) as of_type)
               ) as event
               order by event.transaction, position limit $4"#,
            after.transaction.to_string(),
            after.position,
            self.subjects.as_deref(),
            self.limit,
        )
        .fetch_all(&mut *sql)
        .await?;
        let last = events.last().map(LoggedEvent::cursor);
        // A full page ends with its last event; a shorter one has shown all there is so far.
        let is_full = i64::try_from(events.len()).is_ok_and(|count| count == self.limit);
        let end = (log.last_transaction.zip(log.last_position).zip(log.last_event)).map(
            |((transaction, position), event_id)| EventCursor { transaction, position, event_id },
        );
        let end = end.filter(|_| !is_full);
        let cursor = last.max(end).unwrap_or_default().max(after);
        Ok(EventLog { events, cursor })
    }
}
