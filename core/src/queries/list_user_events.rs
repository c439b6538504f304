//! The events of an account.

use super::{LoggedEvent, get_user, prelude::*};
use crate::domain::{EventId, UserId};

/// Lists the events of an account, newest first, for administrators, as far back as the outbox
/// reaches.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound).
pub struct ListUserEvents {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
    /// The part to read.
    pub page: Keyset<EventId>,
}

impl Query for ListUserEvents {
    type View = Vec<LoggedEvent>;
    const NAME: &'static str = "list_user_events";

    async fn handle(self, app: &App) -> Result<Vec<LoggedEvent>> {
        let mut sql = app.read_as(self.by).await?;
        get_user::read(&mut *sql, self.user_id).await?;
        Ok(sqlx::query_as!(
            LoggedEvent,
            // By position: ids come from the clocks of several processes.
            r#"select event_id as "id: EventId", subject, occurred_at, user_id as "user_id: UserId",
                      envelope -> 'data' as "data!", transaction::text::bigint as "transaction!",
                      position
               from outbox
               where user_id = $1
                     and ($2::uuid is null
                          or position < (select position from outbox
                                         where event_id = $2 and user_id = $1))
               order by position desc limit $3"#,
            self.user_id.0,
            self.page.after.map(|id| id.0),
            self.page.limit,
        )
        .fetch_all(&mut *sql)
        .await?)
    }
}
