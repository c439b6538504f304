//! The sessions of an account, for administrators.

use super::{SessionView, get_user, list_sessions, prelude::*};
use crate::domain::{SessionId, UserId};

/// Lists the sessions of an account for administrators, as [`ListSessions`](super::ListSessions)
/// does for its owner.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound).
pub struct ListUserSessions {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
    /// Lists ended sessions instead of active ones.
    pub ended: bool,
    /// The part to read.
    pub page: Keyset<SessionId>,
}

impl Query for ListUserSessions {
    type View = Vec<SessionView>;
    const NAME: &'static str = "list_user_sessions";

    async fn handle(self, app: &App) -> Result<Vec<SessionView>> {
        let Self { by, user_id, ended, page } = self;
        let mut sql = app.read_as(by).await?;
        get_user::read(&mut *sql, user_id).await?;
        let current = by.actor().map(|actor| actor.session_id);
        list_sessions::read(app, &mut sql, (user_id, current), ended, page).await
    }
}
