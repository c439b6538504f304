//! The account and the session of a caller.

use std::{sync::Arc, time::Instant};

use serde::{Deserialize, Serialize};
use sqlx::{Decode, Postgres, error::BoxDynError, postgres::PgValueRef};

use super::prelude::*;
use crate::{
    app::Actor,
    domain::{BlobKey, Role, SessionId, Status, UserId},
};

/// Returns the account of the holder of an access token, if their session is alive. Runs with every
/// authenticated request and is answered from Redis; [`crate::infra::cache`] says why the answer is
/// never stale.
///
/// If Redis is unavailable, Postgres is read, once for concurrent requests of one session. If
/// Postgres is unavailable, cached accounts are still answered.
///
/// Refused with [`SessionEnded`](Refusal::SessionEnded) if the session has ended, or the account is
/// disabled or deleted.
#[derive(Debug)]
pub struct GetCurrentUser(pub Actor);

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
    /// The role at this version. Commands decide by the row in Postgres.
    pub role: Role,
    /// The status at this version.
    pub status: Status,
    /// When the account was opened.
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

impl Query for GetCurrentUser {
    type View = Arc<UserView>;
    const NAME: &'static str = "get_current_user";

    async fn handle(self, app: &App) -> Result<Arc<UserView>> {
        let Actor { user_id, session_id } = self.0;
        let (user, session) = app.cache.look_up(user_id, session_id).await;
        // The tombstone of a session is final: an ended session never becomes alive again.
        if session.as_ref().is_some_and(|entry| entry.version > 0) {
            return Err(Refusal::SessionEnded.into());
        }
        let is_alive = session.is_some_and(|entry| entry.value == user_id.to_string());
        let user = user.and_then(|entry| serde_json::from_str::<UserView>(&entry.value).ok());
        let user = match user.filter(|user| user.id == user_id) {
            Some(user) if is_alive => Arc::new(user),
            _ => {
                let read = async || read(app, user_id, session_id).await;
                app.readers.get((user_id, session_id), read).await?
            }
        };
        if user.status == Status::Active { Ok(user) } else { Err(Refusal::SessionEnded.into()) }
    }
}

/// Reads account and session from Postgres in one statement, so in one state, and caches both.
async fn read(app: &App, user: UserId, session: SessionId) -> Result<Arc<UserView>> {
    let read_at = Instant::now();
    let view = sqlx::query_as!(
        UserView,
        r#"select users.user_id as "id: UserId", email,
                  email_verified_at is not null as "email_verified!", display_name,
                  role as "role: Role", users.status as "status: Status", users.created_at, version,
                  case when key_64 is not null then array[key_64, key_256, key_512]
                  end as "avatar: AvatarKeys"
           from users join sessions using (user_id)
                left join avatar_uploads on upload_id = avatar_upload_id
           where users.user_id = $1 and session_id = $2 and ended_at is null"#,
        user.0,
        session.0,
    )
    .fetch_optional(&app.read)
    .await?
    .ok_or(Refusal::SessionEnded)?;
    let value = serde_json::to_string(&view).map_err(anyhow::Error::from)?;
    app.cache.fill_user(user, view.version, &value, read_at).await;
    app.cache.fill_session(session, user, read_at).await;
    Ok(Arc::new(view))
}
