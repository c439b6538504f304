//! `GET /v1/sessions`.

use keyward_core::{
    App,
    domain::SessionId,
    queries::{ListSessions, SessionView},
};
use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi, param::Query};
use uuid::Uuid;

use crate::http::{
    auth::AuthenticatedUser,
    pagination::{Listed, Page},
    problem::Failure,
    tags::Tag,
    time::Time,
};

pub(crate) struct SessionQueries;

/// One login on one device.
#[derive(Debug, Object)]
pub(crate) struct Session {
    /// Its identity.
    id: Uuid,
    /// When it began.
    created_at: Time,
    /// When it was last refreshed.
    last_used_at: Time,
    /// From which address it began.
    ip: Option<String>,
    /// What the client called itself.
    user_agent: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
    /// When it ended; null while it is alive.
    ended_at: Option<Time>,
    /// Why it ended: `logged_out`, `ended`, `expired`, `reuse_detected`, `password_changed`,
    /// `password_reset`, `password_reset_forced`, `email_changed`, `email_change_undone`,
    /// `ended_by_admin`, `disabled`.
    ended_reason: Option<String>,
}

impl From<SessionView> for Session {
    fn from(session: SessionView) -> Self {
        Self {
            id: session.id.0,
            created_at: session.created_at.into(),
            last_used_at: session.last_used_at.into(),
            ip: session.ip.map(|ip| ip.to_string()),
            user_agent: session.user_agent,
            current: session.is_current,
            ended_at: session.ended_at.map(Time::from),
            ended_reason: session.ended_reason.map(|reason| reason.as_str().to_owned()),
        }
    }
}

/// Which sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(crate) enum SessionState {
    /// Those that are alive.
    Active,
    /// Those that ended lately.
    Ended,
}

impl SessionState {
    /// The word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl SessionQueries {
    /// Where am I logged in?
    ///
    /// The sessions of the account, the latest first: those that are alive, or with `state=ended`
    /// those that ended in the last 30 days, with the reason why.
    #[oai(path = "/sessions", method = "get", operation_id = "list_sessions")]
    async fn list_sessions(
        &self,
        app: Data<&App>,
        authenticated: AuthenticatedUser,
        /// Which ones; `active` if it is not given.
        state: Query<Option<SessionState>>,
        /// How many at most: 1 to 100.
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Session>, Failure> {
        let page = Page::parse(limit.0, cursor.as_deref())?;
        let query = ListSessions {
            actor: authenticated.actor,
            ended: state.0 == Some(SessionState::Ended),
            page: page.of(SessionId),
        };
        let state = state.0.map(|state| state.as_str().to_owned());
        let found = app.fetch(query).await?;
        let filters = [("state", state)];
        Ok(page.answer("/v1/sessions", &filters, found, |session| session.id.0, Session::from))
    }
}
