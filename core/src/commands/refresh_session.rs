//! Refreshing a session, within its idle and absolute lifetimes (OWASP ASVS 5.0, 7.3.1 and 7.3.2).

use anyhow::Context as _;

use super::prelude::*;
use crate::{
    commands::Tokens,
    domain::{EndReason, MailKind, RefreshToken, Role, SessionId, SessionSecret, UserId},
    infra::access_tokens::Login,
    store::sessions::Session,
};

/// Exchanges a refresh token for a new one and an access token (RFC 9700, section 4.14.2).
///
/// The current token rotates the session. The previous one, within `REFRESH_GRACE_S`, gets the
/// *same* successor again: for two tabs, or a lost response. An older one ends the session with
/// reason `reuse_detected`, because two parties hold its tokens, and the owner gets a notice. Any
/// number of callers with one token end up in one lineage. A token of a later generation comes from
/// before a restore of the database: it ends the session too, because the tokens that the database
/// takes for current were replaced.
///
/// Refused with [`SessionEnded`](Refusal::SessionEnded) for every reason. Emits no event on success.
pub struct RefreshSession {
    /// The refresh token.
    pub refresh_token: String,
}

impl Command for RefreshSession {
    type Output = Tokens;
    const NAME: &'static str = "refresh_session";

    async fn handle(self, app: &App, origin: &Origin) -> Result<Tokens> {
        let token = RefreshToken::parse(&self.refresh_token).ok_or(Refusal::SessionEnded)?;
        let mut tx = app.begin(origin).await?;
        let now = tx.now;
        let row = sqlx::query!(
            r#"select user_id as "owner: UserId", secret, generation, rotated_at, last_used_at,
                      sessions.created_at, expires_at, status = 'active' as "is_active!",
                      role as "role: Role", locale,
                      email_verified_at is not null as "is_verified!"
               from sessions join users using (user_id)
               where session_id = $1 and ended_at is null for no key update of sessions"#,
            token.session_id.0,
        )
        .fetch_optional(tx.sql())
        .await?
        .ok_or(Refusal::SessionEnded)?;
        let secret = SessionSecret(row.secret.try_into().ok().context("the size of a secret")?);
        if !app.sessions.issued(&token, &secret) || !row.is_active {
            return Err(Refusal::SessionEnded.into());
        }

        let life = &app.settings.life;
        let is_expired = now >= row.expires_at || now >= row.last_used_at + life.session_idle;
        let is_previous = token.generation == row.generation - 1;
        let is_repeated = is_previous && now <= row.rotated_at + life.refresh_grace;
        if is_expired || !(token.generation == row.generation || is_repeated) {
            drop(tx);
            let reason = match is_expired {
                true => EndReason::Expired,
                false if token.generation > row.generation => EndReason::Restored,
                false => EndReason::ReuseDetected,
            };
            end(app, origin, row.owner, token.session_id, reason).await?;
            return Err(Refusal::SessionEnded.into());
        }
        let generation = if is_repeated { row.generation } else { row.generation + 1 };
        if !is_repeated {
            sqlx::query!(
                "update sessions set generation = $2, rotated_at = $3, last_used_at = $3
                 where session_id = $1",
                token.session_id.0,
                generation,
                now,
            )
            .execute(tx.sql())
            .await?;
            tx.commit().await?;
        }
        let login = Login {
            user_id: row.owner,
            session_id: token.session_id,
            started_at: row.created_at,
            ends_at: row.expires_at,
            role: row.role,
            is_verified: row.is_verified,
            locale: row.locale,
        };
        app.tokens_of(&Session { login, secret, generation }, now)
    }
}

/// Ends the session, unless it has ended already. Runs in a unit of work of its own that locks the
/// owner first, as all others do, so that locks are always taken in one order.
async fn end(
    app: &App,
    origin: &Origin,
    owner: UserId,
    session_id: SessionId,
    reason: EndReason,
) -> Result<()> {
    let mut tx = app.begin(origin).await?;
    let Some(user) = users::lock(&mut tx, owner).await? else { return Ok(()) };
    let ended = sessions::end(&mut tx, &user, Ended::Only(session_id), reason).await?;
    if ended == 1 && reason == EndReason::ReuseDetected {
        let mail_id = mails::plan(&mut tx, MailKind::ReuseDetected, Some(&user)).await?;
        let (user_id, version) = (user.id, user.version);
        tx.emit(Event::ReuseDetected { user_id, version, session_id, mail_id });
    }
    tx.commit().await
}
