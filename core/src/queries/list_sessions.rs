//! Where somebody is logged in (OWASP ASVS 5.0, 7.5.2).

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    App, Query, Result,
    app::Actor,
    domain::{EndReason, SessionId, UserId},
};

/// The sessions of whoever asks, the latest first: either those that are alive, or those that ended
/// in the last 30 days, with the reason why.
#[derive(Debug)]
pub struct ListSessions {
    /// Who asks.
    pub actor: Actor,
    /// Those that have ended, instead of those that are alive.
    pub ended: bool,
    /// Start after this one.
    pub after: Option<SessionId>,
    /// How many at most.
    pub limit: i64,
}

/// One login on one device.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// Its identity.
    pub id: SessionId,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last refreshed.
    pub last_used_at: DateTime<Utc>,
    /// From which address it began.
    pub ip: Option<IpAddr>,
    /// What the client called itself.
    pub user_agent: Option<String>,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// When and why it ended; nothing while it is alive.
    pub ended: Option<(DateTime<Utc>, EndReason)>,
}

impl Query for ListSessions {
    type View = Vec<SessionView>;
    const NAME: &'static str = "list_sessions";

    async fn handle(self, app: &App) -> Result<Vec<SessionView>> {
        let Self { actor, ended, after, limit } = self;
        let mut sql = app.read.acquire().await?;
        read(app, &mut sql, actor.user_id, Some(actor.session_id), Part { ended, after, limit })
            .await
    }
}

/// Which of an account's sessions.
pub(super) struct Part {
    pub(super) ended: bool,
    pub(super) after: Option<SessionId>,
    pub(super) limit: i64,
}

/// The sessions of an account; `current` is the one that asks.
pub(super) async fn read(
    app: &App,
    sql: &mut PgConnection,
    user_id: UserId,
    current: Option<SessionId>,
    Part { ended, after, limit }: Part,
) -> Result<Vec<SessionView>> {
    let (now, idle) = (app.clock.now(), app.settings.life.session_idle);
    let rows = sqlx::query!(
        // One that nobody has used for too long is over, though nobody was there to end it.
        "select session_id, created_at, last_used_at, expires_at, ip, user_agent, ended_at,
                ended_reason
         from sessions
         where user_id = $1 and ($2::uuid is null or session_id < $2)
               and (ended_at is null and expires_at > $4 and last_used_at > $5) <> $6
               and case when ended_at is null then expires_at > $7 and last_used_at > $8
                        else ended_at > $7 end
         order by session_id desc limit $3",
        user_id.0,
        after.map(|id| id.0),
        limit,
        now,
        now - idle,
        ended,
        now - EndReason::READABLE_FOR,
        now - EndReason::READABLE_FOR - idle,
    )
    .fetch_all(sql)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id = SessionId(row.session_id);
            let reason = row.ended_reason.map(|reason| reason.parse()).transpose()?;
            let end = match row.ended_at.zip(reason) {
                None if ended => {
                    Some((row.expires_at.min(row.last_used_at + idle), EndReason::Expired))
                }
                end => end,
            };
            Ok(SessionView {
                id,
                created_at: row.created_at,
                last_used_at: row.last_used_at,
                ip: row.ip.map(|network| network.ip()),
                user_agent: row.user_agent,
                is_current: current == Some(id),
                ended: end,
            })
        })
        .collect()
}
