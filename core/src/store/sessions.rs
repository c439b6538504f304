//! Table `sessions`. Session secrets are 32 random bytes (OWASP ASVS 5.0, 7.2.3; NIST SP 800-63B-4,
//! section 5.1).

use anyhow::Context as _;
use aws_lc_rs::rand;
use sqlx::types::ipnetwork::IpNetwork;

use super::{LockedUser, prelude::*, users};
use crate::{
    domain::{EndReason, Role, SessionId, SessionSecret, UserId},
    infra::{access_tokens::Login, passwords::PasswordHash},
};

/// What a client gets when it logs in or refreshes.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The session.
    pub session_id: SessionId,
    /// The access token.
    pub access_token: String,
    /// Seconds until the access token expires.
    pub expires_in_s: i64,
    /// The refresh token.
    pub refresh_token: secrecy::SecretString,
}

/// What the tokens of a session are derived from.
pub(crate) struct Session {
    pub(crate) login: Login,
    pub(crate) secret: SessionSecret,
    pub(crate) generation: i32,
}

/// Which sessions of an account end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ended {
    /// All.
    All,
    /// All but one.
    AllBut(SessionId),
    /// One.
    Only(SessionId),
}

/// Begins a unit of work of a logged-in user, as [`authorize`] does.
pub(crate) async fn begin(app: &App, origin: &Origin, actor: Actor) -> Result<(Tx, LockedUser)> {
    let mut tx = app.begin(origin).await?;
    let user = authorize(&mut tx, actor).await?;
    Ok((tx, user))
}

/// Locks the account of a logged-in user, if their session is alive and the account active. The row
/// decides, not the cache or the token.
///
/// # Errors
///
/// [`Refusal::SessionEnded`] otherwise.
pub(crate) async fn authorize(tx: &mut Tx, actor: Actor) -> Result<LockedUser> {
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

/// Starts a session of an active account and emits [`Event::SessionStarted`]; `None` if the password
/// hash of the account is no longer `hash`. Takes a shared lock: logins to one account do not wait
/// for each other.
pub(crate) async fn start(
    tx: &mut Tx,
    owner: UserId,
    hash: &PasswordHash,
    expires_at: DateTime<Utc>,
) -> Result<Option<Session>> {
    let id = SessionId::new();
    let mut secret = [0; 32];
    rand::fill(&mut secret).context("the random number generator failed")?;
    let (ip, user_agent) = (tx.origin.ip.map(IpNetwork::from), tx.origin.user_agent.clone());
    // One statement: every round trip reduces the logins per second.
    let row = sqlx::query!(
        r#"with owner as (
             select user_id, version, role, locale, email_verified_at from users
             where user_id = $2 and password_hash = $3 and status = 'active' for share
         ), session as (
             insert into sessions (session_id, user_id, secret, created_at, rotated_at,
                                   last_used_at, expires_at, ip, user_agent)
             select $1, user_id, $4, $5, $5, $5, $6, $7, $8 from owner
         )
         select version, role as "role: Role", locale,
                email_verified_at is not null as "is_verified!"
         from owner"#,
        id.0,
        owner.0,
        hash.0,
        &secret[..],
        tx.now,
        expires_at,
        ip,
        user_agent,
    )
    .fetch_optional(tx.sql())
    .await?;
    let Some(row) = row else { return Ok(None) };
    tx.emit(Event::SessionStarted { user_id: owner, version: row.version, session_id: id });
    let login = Login {
        user_id: owner,
        session_id: id,
        started_at: tx.now,
        ends_at: expires_at,
        role: row.role,
        is_verified: row.is_verified,
        locale: row.locale,
    };
    Ok(Some(Session { login, secret: SessionSecret(secret), generation: 1 }))
}

/// Ends active sessions of an account and emits [`Event::SessionEnded`] for each. Returns how many
/// it ended.
pub(crate) async fn end(
    tx: &mut Tx,
    owner: &LockedUser,
    which: Ended,
    reason: EndReason,
) -> Result<usize> {
    let (only, keep) = match which {
        Ended::All => (None, None),
        Ended::AllBut(id) => (None, Some(id.0)),
        Ended::Only(id) => (Some(id.0), None),
    };
    let ended = sqlx::query_scalar!(
        r#"update sessions set ended_at = $2, ended_reason = $3
           where user_id = $1 and ended_at is null and ($4::uuid is null or session_id = $4)
                 and session_id is distinct from $5
           returning session_id as "id: SessionId""#,
        owner.id.0,
        tx.now,
        reason.as_str(),
        only,
        keep,
    )
    .fetch_all(tx.sql())
    .await?;
    let (user_id, version) = (owner.id, owner.version);
    for &session_id in &ended {
        tx.emit(Event::SessionEnded { user_id, version, session_id, reason });
    }
    Ok(ended.len())
}

/// Whether an account has a session, alive or ended.
pub(crate) async fn exists(tx: &mut Tx, id: SessionId, owner: UserId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from sessions where session_id = $1 and user_id = $2) as "is!""#,
        id.0,
        owner.0,
    )
    .fetch_one(tx.sql())
    .await?)
}

impl App {
    /// Returns the tokens of a session's current generation. The refresh token is the same each time.
    pub(crate) fn tokens_of(&self, session: &Session, now: DateTime<Utc>) -> Result<Tokens> {
        let (access_token, expires_in_s) = self.tokens.issue(&session.login, now)?;
        let session_id = session.login.session_id;
        let refresh = self.sessions.token(session_id, session.generation, &session.secret);
        Ok(Tokens {
            session_id,
            access_token,
            expires_in_s,
            refresh_token: refresh.expose().into(),
        })
    }
}
