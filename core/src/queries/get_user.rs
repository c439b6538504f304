//! An account, for administrators.

use sqlx::PgExecutor;

use super::{AvatarKeys, UserView, prelude::*};
use crate::domain::{Role, Status, UserId};

/// Returns an account, for administrators.
///
/// Refused with [`UserNotFound`](Refusal::UserNotFound).
#[derive(Debug)]
pub struct GetUser {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
}

impl Query for GetUser {
    type View = UserView;
    const NAME: &'static str = "get_user";

    async fn handle(self, app: &App) -> Result<UserView> {
        let mut sql = app.read_as(self.by).await?;
        read(&mut *sql, self.user_id).await
    }
}

/// Reads an account.
///
/// # Errors
///
/// [`Refusal::UserNotFound`].
pub(super) async fn read(sql: impl PgExecutor<'_>, id: UserId) -> Result<UserView> {
    let found = sqlx::query_as!(
        UserView,
        r#"select users.user_id as "id: UserId", email,
                  email_verified_at is not null as "email_verified!", display_name,
                  role as "role: Role", users.status as "status: Status", users.created_at, version,
                  case when key_64 is not null then array[key_64, key_256, key_512]
                  end as "avatar: AvatarKeys"
           from users left join avatar_uploads on upload_id = avatar_upload_id
           where users.user_id = $1"#,
        id.0,
    )
    .fetch_optional(sql)
    .await?;
    Ok(found.ok_or(Refusal::UserNotFound)?)
}
