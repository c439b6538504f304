//! An account by its id.

use sqlx::PgExecutor;

use crate::{
    App, Query, Refusal, Result,
    domain::UserId,
    queries::{AvatarKeys, CurrentUser},
};

/// An account, read from Postgres: what a command has left, for its answer.
///
/// Refused with [`UserNotFound`](Refusal::UserNotFound).
#[derive(Debug)]
pub struct GetUser(pub UserId);

impl Query for GetUser {
    type View = CurrentUser;
    const NAME: &'static str = "get_user";

    async fn handle(self, app: &App) -> Result<CurrentUser> {
        read(&app.read, self.0).await
    }
}

/// The account, as the transaction sees it.
pub(super) async fn read(sql: impl PgExecutor<'_>, id: UserId) -> Result<CurrentUser> {
    let row = sqlx::query!(
        r#"select email, email_verified_at is not null as "email_verified!", display_name,
                  role, users.status, users.created_at, version, key_64, key_256, key_512
           from users left join avatar_uploads on upload_id = avatar_upload_id
           where users.user_id = $1"#,
        id.0,
    )
    .fetch_optional(sql)
    .await?
    .ok_or(Refusal::UserNotFound)?;
    Ok(CurrentUser {
        id,
        email: row.email,
        email_verified: row.email_verified,
        display_name: row.display_name,
        role: row.role.parse()?,
        status: row.status.parse()?,
        created_at: row.created_at,
        version: row.version,
        avatar: AvatarKeys::of(row.key_64, row.key_256, row.key_512),
    })
}
