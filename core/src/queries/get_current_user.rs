//! The account and the session of a caller.

use std::{sync::Arc, time::Instant};

use super::{UserView, get_user, prelude::*};
use crate::{
    app::Actor,
    domain::{SessionId, Status, UserId},
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
pub struct GetCurrentUser(pub Actor);

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
                let json = app.readers.get((user_id, session_id), read).await?;
                Arc::new(serde_json::from_str(&json).map_err(anyhow::Error::from)?)
            }
        };
        if user.status == Status::Active { Ok(user) } else { Err(Refusal::SessionEnded.into()) }
    }
}

/// Reads account and session from Postgres in one statement, so in one state, and caches both. Returns
/// the account as it is cached.
async fn read(app: &App, user: UserId, session: SessionId) -> Result<Arc<str>> {
    let read_at = Instant::now();
    let found = get_user::find(&app.read, user, Some(session)).await?;
    let view = found.ok_or(Refusal::SessionEnded)?;
    let value = serde_json::to_string(&view).map_err(anyhow::Error::from)?;
    app.cache.fill(user, session, view.version, &value, read_at).await;
    Ok(value.into())
}
