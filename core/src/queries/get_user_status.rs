//! Why an account is enabled or disabled.

use super::prelude::*;
use crate::domain::{ActorId, Status, UserId};

/// Returns the status of an account and its last change, for administrators.
///
/// Refused with [`UserNotFound`](Refusal::UserNotFound).
pub struct GetUserStatus {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
}

/// The status of an account and its last change; an account that was never disabled has had none.
#[derive(Debug, Clone)]
pub struct StatusView {
    /// The status.
    pub status: Status,
    /// The reason an administrator gave.
    pub reason: Option<String>,
    /// The administrator or the service token that changed the status; `None` for the command line.
    pub changed_by: Option<ActorId>,
    /// When the status was changed.
    pub changed_at: Option<DateTime<Utc>>,
}

impl Query for GetUserStatus {
    type View = StatusView;
    const NAME: &'static str = "get_user_status";

    async fn handle(self, app: &App) -> Result<StatusView> {
        let mut sql = app.read_as(self.by).await?;
        let found = sqlx::query_as!(
            StatusView,
            r#"select users.status as "status: Status", reason as "reason?",
                      actor_id as "changed_by?: ActorId", changed_at as "changed_at?"
               from users left join status_changes using (user_id)
               where user_id = $1 order by status_changes.version desc limit 1"#,
            self.user_id.0,
        )
        .fetch_optional(&mut *sql)
        .await?;
        Ok(found.ok_or(Refusal::UserNotFound)?)
    }
}
