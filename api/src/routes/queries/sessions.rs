//! `GET /v1/sessions`.

use crate::routes::prelude::*;

pub(crate) struct SessionQueries;

objects! {
    /// A login on a device.
    Session from session: queries::SessionView {
        /// The id of the session.
        id: Uuid = session.id.0,
        /// When the session was created.
        created_at: Time = session.created_at,
        /// When the session was last refreshed.
        last_used_at: Time = session.last_used_at,
        /// The IP address that created the session.
        ip: Option<String> = session.ip.map(|ip| ip.to_string()),
        /// The `User-Agent` that created the session.
        user_agent: Option<String> = session.user_agent,
        /// Whether this is the session of the request.
        current: bool = session.is_current,
        /// When the session ended. Null while it is active.
        ended_at: Option<Time> = session.ended_at.map(Time::from),
        /// Why the session ended: `logged_out`, `ended`, `expired`, `reuse_detected`,
        /// `password_changed`, `password_reset`, `password_reset_forced`, `email_changed`,
        /// `email_change_undone`, `ended_by_admin`, `disabled`, `restored`.
        ended_reason: Option<String> = session.ended_reason,
    }
}

/// The state of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(crate) enum SessionState {
    /// Sessions that can be used.
    Active,
    /// Sessions that ended in the last 30 days.
    Ended,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl SessionQueries {
    /// List your sessions
    ///
    /// Returns the active sessions of your account, latest first. With `state=ended`, returns the
    /// sessions that ended in the last 30 days, with the reason.
    #[oai(path = "/sessions", method = "get", operation_id = "list_sessions")]
    async fn list_sessions(
        &self,
        user: AuthenticatedUser<'_>,
        /// The state of the sessions to return. `active` by default.
        state: Query<Option<SessionState>>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Session>, Problem> {
        let page = Page::parse(&user, limit, cursor)?;
        let query = queries::ListSessions {
            actor: user.actor,
            ended: state.0 == Some(SessionState::Ended),
            page: page.of(SessionId),
        };
        page.fetch(&user, query, |session| session.id.0, Session::from).await
    }
}
