//! The sessions of an account (OWASP ASVS 5.0, 7.5.2).

use std::net::IpAddr;

use sqlx::PgConnection;

use super::prelude::*;
use crate::{
    app::Actor,
    domain::{EndReason, SessionId, UserId},
};

/// Lists the caller's sessions, newest first: the active ones, or those that ended in the last 30
/// days, with the reason.
pub struct ListSessions {
    /// The caller.
    pub actor: Actor,
    /// Lists ended sessions instead of active ones.
    pub ended: bool,
    /// The part to read.
    pub page: Keyset<SessionId>,
}

/// A login on a device.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// The session.
    pub id: SessionId,
    /// When the session started.
    pub created_at: DateTime<Utc>,
    /// When the session was last refreshed.
    pub last_used_at: DateTime<Utc>,
    /// The client address at login.
    pub ip: Option<IpAddr>,
    /// The client's `User-Agent` at login.
    pub user_agent: Option<String>,
    /// Whether it is the caller's own session.
    pub is_current: bool,
    /// When the session ended; `None` while it is active.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why the session ended: a word of [`EndReason`], or of a later release.
    pub ended_reason: Option<String>,
}

impl Query for ListSessions {
    type View = Vec<SessionView>;
    const NAME: &'static str = "list_sessions";

    async fn handle(self, app: &App) -> Result<Vec<SessionView>> {
        let Self { actor, ended, page } = self;
        let mut sql = app.read.acquire().await?;
        let whose = (actor.user_id, Some(actor.session_id));
        read(app, &mut sql, whose, ended, page).await
    }
}

/// Reads the sessions of an account; `current` is the caller's. An expired session has ended, even
/// if no request has come to end it.
pub(super) async fn read(
    app: &App,
    sql: &mut PgConnection,
    (owner, current): (UserId, Option<SessionId>),
    ended: bool,
    page: Keyset<SessionId>,
) -> Result<Vec<SessionView>> {
    let (now, idle) = (app.clock.now(), app.settings.life.session_idle);
    Ok(sqlx::query_as!(
        SessionView,
        r#"select session_id as "id: SessionId", created_at, last_used_at, ip as "ip: IpAddr",
                  user_agent, session_id is not distinct from $4 as "is_current!",
                  case when $5 then end_at end as ended_at,
                  case when $5 then coalesce(ended_reason, 'expired') end as ended_reason
           from (select *, coalesce(ended_at, least(expires_at, last_used_at + $6::interval)) as end_at
                 from sessions where user_id = $1) as session
           where ($2::uuid is null or session_id < $2)
                 and case when $5 then (ended_at is not null or end_at <= $7) and end_at > $8
                          else ended_at is null and end_at > $7 end
           order by session_id desc limit $3"#,
        owner.0,
        page.after.map(|id| id.0),
        page.limit,
        current.map(|id| id.0),
        ended,
        idle as _,
        now,
        now - EndReason::READABLE_FOR,
    )
    .fetch_all(sql)
    .await?)
}
