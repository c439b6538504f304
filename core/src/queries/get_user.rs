//! An account, for administrators.

use serde::{Deserialize, Serialize};
use sqlx::{Decode, PgExecutor, Postgres, error::BoxDynError, postgres::PgValueRef};

use super::prelude::*;
use crate::domain::{BlobKey, EmailAddress, Role, SessionId, Status, UserId};

/// Returns an account, for administrators.
///
/// Refused with [`UserNotFound`](Refusal::UserNotFound).
pub struct GetUser {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user: UserKey,
}

/// What an account is found by.
pub enum UserKey {
    /// Its id.
    Id(UserId),
    /// Its address.
    Email(EmailAddress),
}

/// An account as its owner and administrators see it. Holds no hash and no secret: this is what is
/// cached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    /// The account.
    pub id: UserId,
    /// The email address.
    pub email: String,
    /// Whether the address is verified.
    pub email_verified: bool,
    /// The display name.
    pub display_name: String,
    /// The tag (BCP 47) of the language of emails to it. A cached copy of a release without this member is
    /// a miss.
    pub locale: String,
    /// The role at this version. Commands decide by the row in Postgres.
    pub role: Role,
    /// The status at this version.
    pub status: Status,
    /// When the account was created.
    pub created_at: DateTime<Utc>,
    /// Grows by one with every change.
    pub version: i64,
    /// The picture; `None` for the default one.
    pub avatar: Option<AvatarKeys>,
}

/// The keys of a picture's renditions in their public URLs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvatarKeys {
    /// 64 pixels.
    pub key_64: String,
    /// 256 pixels.
    pub key_256: String,
    /// 512 pixels.
    pub key_512: String,
}

/// Reads the keys of blobs of 64, 256 and 512 pixels from a `text[]`.
impl<'r> Decode<'r, Postgres> for AvatarKeys {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let [key_64, key_256, key_512] =
            <[String; 3]>::decode(value)?.map(|key| BlobKey::from_row(key).public().to_owned());
        Ok(Self { key_64, key_256, key_512 })
    }
}

impl Query for GetUser {
    type View = UserView;
    const NAME: &'static str = "get_user";

    async fn handle(self, app: &App) -> Result<UserView> {
        let mut sql = app.read_as(self.by).await?;
        let id = match self.user {
            UserKey::Id(id) => id.0,
            UserKey::Email(email) => {
                let key = email.key();
                sqlx::query_scalar!("select user_id from users where email_key = $1", key)
                    .fetch_optional(&mut *sql)
                    .await?
                    .ok_or(Refusal::UserNotFound)?
            }
        };
        read(&mut *sql, UserId(id)).await
    }
}

/// Reads an account.
///
/// # Errors
///
/// [`Refusal::UserNotFound`].
pub(super) async fn read(sql: impl PgExecutor<'_>, id: UserId) -> Result<UserView> {
    Ok(find(sql, id, None).await?.ok_or(Refusal::UserNotFound)?)
}

/// Finds an account; with a session only if that session of the account is alive. One statement, so
/// that both are read in one state.
pub(super) async fn find(
    sql: impl PgExecutor<'_>,
    id: UserId,
    session: Option<SessionId>,
) -> Result<Option<UserView>> {
    Ok(sqlx::query_as!(
        UserView,
        r#"select users.user_id as "id: UserId", email,
                  email_verified_at is not null as "email_verified!", display_name, locale,
                  role as "role: Role", users.status as "status: Status", users.created_at, version,
                  case when key_64 is not null then array[key_64, key_256, key_512]
                  end as "avatar: AvatarKeys"
           from users left join avatar_uploads on upload_id = avatar_upload_id
           where users.user_id = $1
                 and ($2::uuid is null
                      or exists (select from sessions
                                 where session_id = $2 and sessions.user_id = $1
                                       and ended_at is null))"#,
        id.0,
        session.map(|id| id.0),
    )
    .fetch_optional(sql)
    .await?)
}
