//! Who asks.

use std::{sync::Arc, time::Instant};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    App, Query, Refusal, Result,
    app::Actor,
    domain::{BlobKey, Role, SessionId, Status, UserId},
    queries::get_user::Row,
};

/// Who the holder of an access token is, and that their session is alive. Asked with every
/// authenticated request and answered from Redis; see [`crate::infra::cache`] for why it is never stale.
///
/// Refused with [`SessionEnded`](Refusal::SessionEnded) if the session or the account is no more.
/// With Redis away Postgres is read, once for many who ask at the same time; with Postgres away
/// it works for whoever is cached.
#[derive(Debug)]
pub struct GetCurrentUser(pub Actor);

/// An account as its owner sees it. Holds no hash and no secret: this is what is cached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentUser {
    /// Who it is.
    pub id: UserId,
    /// The address.
    pub email: String,
    /// Whether it is proven.
    pub email_verified: bool,
    /// The name shown.
    pub display_name: String,
    /// What they may do, as of this version; commands decide by the row.
    pub role: Role,
    /// Whether the account is in use.
    pub status: Status,
    /// Since when the account exists.
    pub created_at: DateTime<Utc>,
    /// Grows with every change.
    pub version: i64,
    /// The picture; none for the default one.
    #[serde(default)]
    pub avatar: Option<AvatarKeys>,
}

/// The names of a picture's renditions in their public addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvatarKeys {
    /// 64 pixels.
    pub key_64: String,
    /// 256 pixels.
    pub key_256: String,
    /// 512 pixels.
    pub key_512: String,
}

impl AvatarKeys {
    /// From the names in the blob store, as they were written down.
    pub(super) fn of(
        key_64: Option<String>,
        key_256: Option<String>,
        key_512: Option<String>,
    ) -> Option<Self> {
        let public = |key: String| BlobKey::from_row(key).public().to_owned();
        Some(Self { key_64: public(key_64?), key_256: public(key_256?), key_512: public(key_512?) })
    }
}

impl Query for GetCurrentUser {
    type View = Arc<CurrentUser>;
    const NAME: &'static str = "get_current_user";

    async fn handle(self, app: &App) -> Result<Arc<CurrentUser>> {
        let Actor { user_id, session_id } = self.0;
        let (user, session) = app.cache.look_up(user_id, session_id).await;
        // A tombstone of a session is the end of it; nothing newer can come.
        if session.as_ref().is_some_and(|entry| entry.version > 0) {
            return Err(Refusal::SessionEnded.into());
        }
        let is_alive = session.is_some_and(|entry| entry.value == user_id.to_string());
        let user = user.and_then(|entry| serde_json::from_str::<CurrentUser>(&entry.value).ok());
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

/// Reads both from Postgres in one statement, so in one state, and remembers them.
async fn read(app: &App, user: UserId, session: SessionId) -> Result<Arc<CurrentUser>> {
    let read_at = Instant::now();
    let row = sqlx::query_as!(
        Row,
        r#"select users.user_id, email, email_verified_at is not null as "email_verified!",
                  display_name, role, users.status, users.created_at, version,
                  key_64, key_256, key_512
           from users join sessions using (user_id)
                left join avatar_uploads on upload_id = avatar_upload_id
           where users.user_id = $1 and session_id = $2 and ended_at is null"#,
        user.0,
        session.0,
    )
    .fetch_optional(&app.read)
    .await?
    .ok_or(Refusal::SessionEnded)?;
    let view = CurrentUser::try_from(row)?;
    let value = serde_json::to_string(&view).map_err(anyhow::Error::from)?;
    app.cache.fill_user(user, view.version, &value, read_at).await;
    app.cache.fill_session(session, user, read_at).await;
    Ok(Arc::new(view))
}
