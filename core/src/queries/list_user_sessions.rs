//! Where somebody else is logged in.

use crate::{
    App, Query, Result,
    administrator::Administrator,
    domain::{SessionId, UserId},
    queries::{
        SessionView, get_user,
        list_sessions::{self, Part},
    },
};

/// The sessions of an account, for administrators, as their owner sees them in
/// [`ListSessions`](super::ListSessions).
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound).
#[derive(Debug)]
pub struct ListUserSessions {
    /// Who asks.
    pub by: Administrator,
    /// Whose sessions.
    pub user_id: UserId,
    /// Those that have ended, instead of those that are alive.
    pub ended: bool,
    /// Start after this one.
    pub after: Option<SessionId>,
    /// How many at most.
    pub limit: i64,
}

impl Query for ListUserSessions {
    type View = Vec<SessionView>;
    const NAME: &'static str = "list_user_sessions";

    async fn handle(self, app: &App) -> Result<Vec<SessionView>> {
        let Self { by, user_id, ended, after, limit } = self;
        let mut sql = app.read_as(by).await?;
        get_user::read(&mut *sql, user_id).await?;
        let part = Part { ended, after, limit };
        list_sessions::read(app, &mut sql, user_id, by.session_id(), part).await
    }
}
