//! The public event log.

use serde_json::Value;

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
/// pruned, or the database was restored from a dump since.
pub struct ListEvents {
    /// The administrator.
    pub by: Administrator,
    /// The cursor to continue after; `None` reads from the oldest event.
    pub after: Option<EventCursor>,
    /// Only events of this type.
    pub subject: Option<String>,
    /// The maximum number of events.
    pub limit: i64,
}

/// A place in the log. A position alone is not enough: positions are drawn before the commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventCursor {
    /// A transaction of Postgres (`xid8`).
    pub transaction: i64,
    /// The position among the events of this transaction.
    pub position: i64,
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

impl Query for ListEvents {
    type View = EventLog;
    const NAME: &'static str = "list_events";

    async fn handle(self, app: &App) -> Result<EventLog> {
        let mut sql = app.read_as(self.by).await?;
        let after = self.after.unwrap_or_default();
        let log = sqlx::query!(
            r#"select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "horizon!",
                      exists (
                          select from outbox_pruned
                          where (transaction, position) > ($1::text::xid8, $2)
                                -- A larger one comes from the database this one was restored from.
                                and transaction < pg_snapshot_xmin(pg_current_snapshot())
                      ) as "has_gap!""#,
            after.transaction.to_string(),
            after.position,
        )
        .fetch_one(&mut *sql)
        .await?;
        if self.after.is_some() && (log.has_gap || after.transaction > log.horizon) {
            return Err(Refusal::CursorExpired.into());
        }
        let events = sqlx::query_as!(
            LoggedEvent,
            r#"select event_id as "id: EventId", subject, occurred_at, user_id as "user_id: UserId",
                      envelope -> 'data' as "data!", transaction::text::bigint as "transaction!",
                      position
               from outbox
               where (transaction, position) > ($1::text::xid8, $2)
                     and transaction < pg_snapshot_xmin(pg_current_snapshot())
                     and ($3::text is null or subject = $3)
               order by outbox.transaction, position limit $4"#,
            after.transaction.to_string(),
            after.position,
            self.subject,
            self.limit,
        )
        .fetch_all(&mut *sql)
        .await?;
        // A full page ends with its last event; a shorter one has shown all there is so far.
        let is_full = i64::try_from(events.len()).is_ok_and(|count| count == self.limit);
        let cursor = match events.last() {
            Some(last) if is_full => {
                EventCursor { transaction: last.transaction, position: last.position }
            }
            _ => EventCursor { transaction: log.horizon, position: 0 },
        };
        Ok(EventLog { events, cursor })
    }
}
