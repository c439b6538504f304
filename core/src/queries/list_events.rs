//! What has happened, as other services read it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    App, Query, Refusal, Result,
    administrator::Administrator,
    domain::{EventId, UserId},
};

/// The public event log: what has happened, the oldest first, as far back as the outbox reaches.
///
/// Whoever goes on with the cursor of the last answer misses nothing and sees nothing twice. An
/// event shows up when every transaction that began to write before its own has ended; until then
/// one of those could still put an event before it. Events of one account may stand in another
/// order than they happened, if their transactions overlapped: their `version` tells.
///
/// Refused with [`CursorExpired`](Refusal::CursorExpired), if what comes after the cursor is kept
/// no longer, or the database was restored from a dump since.
#[derive(Debug)]
pub struct ListEvents {
    /// Who asks.
    pub by: Administrator,
    /// Start after this; from the oldest on without it.
    pub after: Option<EventCursor>,
    /// Only those of this type.
    pub subject: Option<String>,
    /// How many at most.
    pub limit: i64,
}

/// A place in the log. Positions alone are none: they are drawn before the commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventCursor {
    /// A transaction of Postgres (`xid8`).
    pub transaction: i64,
    /// A place among its events.
    pub position: i64,
}

/// A part of the log.
#[derive(Debug, Clone)]
pub struct EventLog {
    /// What has happened, the oldest first.
    pub events: Vec<LoggedEvent>,
    /// Where to go on, now or later.
    pub cursor: EventCursor,
}

/// Something that happened: ids and words of closed sets, nothing personal.
#[derive(Debug, Clone)]
pub struct LoggedEvent {
    /// Its identity, the same as in the stream.
    pub id: EventId,
    /// What it is called on the wire.
    pub subject: String,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// The account it happened to.
    pub user_id: Option<UserId>,
    /// Its members.
    pub data: Value,
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
                                -- A larger one is of a database that this one was restored from.
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
        let rows = sqlx::query!(
            r#"select transaction::text::bigint as "transaction!", position, event_id, subject,
                      occurred_at, user_id, envelope -> 'data' as "data!: Value"
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
        // A whole page ends with its last event; a shorter one shows all there is so far.
        let is_whole = i64::try_from(rows.len()).is_ok_and(|count| count == self.limit);
        let cursor = match rows.last() {
            Some(last) if is_whole => {
                EventCursor { transaction: last.transaction, position: last.position }
            }
            _ => EventCursor { transaction: log.horizon, position: 0 },
        };
        let events = rows.into_iter().map(|row| LoggedEvent {
            id: EventId(row.event_id),
            subject: row.subject,
            occurred_at: row.occurred_at,
            user_id: row.user_id.map(UserId),
            data: row.data,
        });
        Ok(EventLog { events: events.collect(), cursor })
    }
}
