//! Table `sessions`. Their secrets are 32 random bytes (OWASP ASVS 5.0, 7.2.3; NIST SP 800-63B-4,
//! section 5.1).

use anyhow::Context as _;
use aws_lc_rs::rand;
use chrono::{DateTime, Utc};
use sqlx::types::ipnetwork::IpNetwork;

use crate::{
    Refusal, Result,
    app::{Actor, Tx},
    domain::{EndReason, RefreshToken, SessionId, SessionSecret, UserId},
    events::Event,
    infra::passwords::PasswordHash,
    store::users::{self, Locked},
};

/// What a client gets when it logs in or refreshes.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The session.
    pub session_id: SessionId,
    /// The access token.
    pub access_token: String,
    /// Seconds until it ends.
    pub expires_in_s: i64,
    /// The refresh token.
    pub refresh_token: secrecy::SecretString,
}

/// A session as it must be known to issue its tokens.
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) owner: UserId,
    pub(crate) secret: SessionSecret,
    pub(crate) generation: i32,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Locks the account of whoever asks, if its session is alive and it is in use. Every command of
/// somebody who is logged in begins with it: the row decides, not the cache, not the token.
///
/// # Errors
///
/// [`Refusal::SessionEnded`] otherwise.
pub(crate) async fn authorize(tx: &mut Tx, actor: Actor) -> Result<Locked> {
    let user = users::lock(tx, actor.user_id).await?;
    let is_alive = sqlx::query_scalar!(
        r#"select exists (select from sessions
                          where session_id = $1 and user_id = $2 and ended_at is null) as "alive!""#,
        actor.session_id.0,
        actor.user_id.0,
    )
    .fetch_one(tx.sql())
    .await?;
    let user = user.filter(|user| user.is_active && is_alive);
    Ok(user.ok_or(Refusal::SessionEnded)?)
}

/// Starts a session of an active account and announces it, if the account's password is still the
/// one with this hash; nothing otherwise. The lock that it takes is shared: logins of one account
/// do not wait for each other.
pub(crate) async fn start(
    tx: &mut Tx,
    owner: UserId,
    hash: &PasswordHash,
    expires_at: DateTime<Utc>,
) -> Result<Option<Session>> {
    let id = SessionId::new();
    let mut secret = [0; 32];
    rand::fill(&mut secret).context("no random numbers to be had")?;
    let now = tx.now;
    let (ip, user_agent) = (tx.origin.ip.map(IpNetwork::from), tx.origin.user_agent.clone());
    // One statement: a login is mostly hashing, and every round trip takes a core from it.
    let version = sqlx::query_scalar!(
        "with owner as (
             select user_id, version from users
             where user_id = $2 and password_hash = $3 and status = 'active' for share
         ), session as (
             insert into sessions (session_id, user_id, secret, created_at, rotated_at,
                                   last_used_at, expires_at, ip, user_agent)
             select $1, user_id, $4, $5, $5, $5, $6, $7, $8 from owner
         )
         select version from owner",
        id.0,
        owner.0,
        hash.0,
        &secret[..],
        now,
        expires_at,
        ip,
        user_agent,
    )
    .fetch_optional(tx.sql())
    .await?;
    let Some(version) = version else { return Ok(None) };
    tx.emit(Event::SessionStarted { user_id: owner, version, session_id: id });
    let secret = SessionSecret(secret);
    Ok(Some(Session { id, owner, secret, generation: 1, expires_at }))
}

/// Ends one session of an account, announces it, and says whether it was alive.
pub(crate) async fn end(
    tx: &mut Tx,
    id: SessionId,
    owner: UserId,
    version: i64,
    reason: EndReason,
) -> Result<bool> {
    let now = tx.now;
    let done = sqlx::query!(
        "update sessions set ended_at = $3, ended_reason = $4
         where session_id = $1 and user_id = $2 and ended_at is null",
        id.0,
        owner.0,
        now,
        reason.as_str(),
    )
    .execute(tx.sql())
    .await?;
    let ended = done.rows_affected() == 1;
    if ended {
        tx.emit(Event::SessionEnded { user_id: owner, version, session_id: id, reason });
    }
    Ok(ended)
}

/// Whether a session, alive or ended, is one of an account.
pub(crate) async fn belongs_to(tx: &mut Tx, id: SessionId, owner: UserId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from sessions where session_id = $1 and user_id = $2) as "is!""#,
        id.0,
        owner.0,
    )
    .fetch_one(tx.sql())
    .await?)
}

/// Ends every session of an account but the one to keep, and announces each.
pub(crate) async fn end_all(
    tx: &mut Tx,
    owner: UserId,
    version: i64,
    keep: Option<SessionId>,
    reason: EndReason,
) -> Result<()> {
    let now = tx.now;
    let ended = sqlx::query_scalar!(
        "update sessions set ended_at = $2, ended_reason = $3
         where user_id = $1 and ended_at is null and session_id is distinct from $4
         returning session_id",
        owner.0,
        now,
        reason.as_str(),
        keep.map(|id| id.0),
    )
    .fetch_all(tx.sql())
    .await?;
    for id in ended {
        let session_id = SessionId(id);
        tx.emit(Event::SessionEnded { user_id: owner, version, session_id, reason });
    }
    Ok(())
}

impl crate::App {
    /// The tokens of a session's present generation; the same refresh token every time.
    pub(crate) fn tokens_of(&self, session: &Session, now: DateTime<Utc>) -> Result<Tokens> {
        let (access_token, expires_in_s) =
            self.tokens.issue(session.owner, session.id, now, session.expires_at)?;
        let refresh: RefreshToken =
            self.sessions.token(session.id, session.generation, &session.secret);
        Ok(Tokens {
            session_id: session.id,
            access_token,
            expires_in_s,
            refresh_token: refresh.expose().into(),
        })
    }
}
