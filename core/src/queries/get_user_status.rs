//! Why an account may be used, or not.

use chrono::{DateTime, Utc};

use crate::{
    App, Query, Refusal, Result,
    administrator::Administrator,
    domain::{Status, UserId},
};

/// Whether an account may be used, who changed that last, and why, for administrators.
///
/// Refused with [`UserNotFound`](Refusal::UserNotFound).
#[derive(Debug)]
pub struct GetUserStatus {
    /// Who asks.
    pub by: Administrator,
    /// Whose status.
    pub user_id: UserId,
}

/// The status of an account and its last change; an account that was never disabled has had none.
#[derive(Debug, Clone)]
pub struct StatusView {
    /// The status.
    pub status: Status,
    /// Why.
    pub reason: Option<String>,
    /// Which administrator changed it.
    pub changed_by: Option<UserId>,
    /// When.
    pub changed_at: Option<DateTime<Utc>>,
}

impl Query for GetUserStatus {
    type View = StatusView;
    const NAME: &'static str = "get_user_status";

    async fn handle(self, app: &App) -> Result<StatusView> {
        let mut sql = app.read_as(self.by).await?;
        let row = sqlx::query!(
            r#"select users.status, reason as "reason?", actor_id as "actor_id?",
                      changed_at as "changed_at?"
               from users left join status_changes using (user_id)
               where user_id = $1 order by status_changes.version desc limit 1"#,
            self.user_id.0,
        )
        .fetch_optional(&mut *sql)
        .await?
        .ok_or(Refusal::UserNotFound)?;
        Ok(StatusView {
            status: row.status.parse()?,
            reason: row.reason,
            changed_by: row.actor_id.map(UserId),
            changed_at: row.changed_at,
        })
    }
}
