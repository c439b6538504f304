//! An account by its id.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    App, Error, Query, Refusal, Result,
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
    sqlx::query_as!(
        Row,
        r#"select users.user_id, email, email_verified_at is not null as "email_verified!",
                  display_name, role, users.status, users.created_at, version,
                  key_64, key_256, key_512
           from users left join avatar_uploads on upload_id = avatar_upload_id
           where users.user_id = $1"#,
        id.0,
    )
    .fetch_optional(sql)
    .await?
    .ok_or(Refusal::UserNotFound)?
    .try_into()
}

/// An account and its picture, as they stand in their tables.
pub(super) struct Row {
    pub(super) user_id: Uuid,
    pub(super) email: String,
    pub(super) email_verified: bool,
    pub(super) display_name: String,
    pub(super) role: String,
    pub(super) status: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) version: i64,
    pub(super) key_64: Option<String>,
    pub(super) key_256: Option<String>,
    pub(super) key_512: Option<String>,
}

impl TryFrom<Row> for CurrentUser {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: UserId(row.user_id),
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
}
