//! What has happened to an account.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    App, Query, Result,
    administrator::Administrator,
    domain::{EventId, UserId},
    queries::get_user,
};

/// What has happened to an account, the latest first, for administrators. Reaches back as far as
/// the outbox does.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound).
#[derive(Debug)]
pub struct ListUserEvents {
    /// Who asks.
    pub by: Administrator,
    /// Whose events.
    pub user_id: UserId,
    /// Start after this one.
    pub after: Option<EventId>,
    /// How many at most.
    pub limit: i64,
}

/// Something that happened: ids and words of closed sets, nothing personal.
#[derive(Debug, Clone)]
pub struct EventView {
    /// Its identity, the same as in the stream.
    pub id: EventId,
    /// What it is called on the wire.
    pub subject: String,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Its members.
    pub data: Value,
}

impl Query for ListUserEvents {
    type View = Vec<EventView>;
    const NAME: &'static str = "list_user_events";

    async fn handle(self, app: &App) -> Result<Vec<EventView>> {
        let mut sql = app.read_as(self.by).await?;
        get_user::read(&mut *sql, self.user_id).await?;
        // By position, not by id: ids are made by the clocks of several processes.
        let rows = sqlx::query!(
            r#"select event_id, subject, occurred_at, envelope -> 'data' as "data!: Value"
               from outbox
               where user_id = $1
                     and ($2::uuid is null
                          or position < (select position from outbox
                                         where event_id = $2 and user_id = $1))
               order by position desc limit $3"#,
            self.user_id.0,
            self.after.map(|id| id.0),
            self.limit,
        )
        .fetch_all(&mut *sql)
        .await?;
        let view = rows.into_iter().map(|row| EventView {
            id: EventId(row.event_id),
            subject: row.subject,
            occurred_at: row.occurred_at,
            data: row.data,
        });
        Ok(view.collect())
    }
}
