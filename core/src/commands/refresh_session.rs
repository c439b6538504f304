//! Going on with a session, within its idle and its absolute life (OWASP ASVS 5.0, 7.3.1 and 7.3.2).

use anyhow::Context as _;

use crate::{
    App, Command, Refusal, Result,
    commands::Tokens,
    domain::{EndReason, MailKind, RefreshToken, SessionId, SessionSecret, UserId},
    events::Event,
    origin::Origin,
    store::{
        mails,
        sessions::{self, Session},
        users,
    },
};

/// Exchanges a refresh token for a new one and an access token (RFC 9700, section 4.14.2).
///
/// The present token rotates the session. The one before it, within `REFRESH_GRACE_S`, gets the
/// *same* successor again: two tabs, or an answer that was lost. Anything older ends the session
/// with reason `reuse_detected`, because two parties hold its tokens, and its owner gets a notice.
/// Any number of callers with one token end up in one line of tokens.
///
/// Refused with [`SessionEnded`](Refusal::SessionEnded) whatever is wrong. No event is left when it
/// succeeds: nothing changed but the hour of last use.
#[derive(Debug)]
pub struct RefreshSession {
    /// The token's text.
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
            r#"select user_id, secret, generation, rotated_at, last_used_at, expires_at, version,
                      status = 'active' as "is_active!"
               from sessions join users using (user_id)
               where session_id = $1 and ended_at is null for no key update of sessions"#,
            token.session_id.0,
        )
        .fetch_optional(tx.sql())
        .await?
        .ok_or(Refusal::SessionEnded)?;
        let secret = SessionSecret(row.secret.try_into().ok().context("a secret's size")?);
        if !app.sessions.issued(&token, &secret) || !row.is_active {
            return Err(Refusal::SessionEnded.into());
        }

        let owner = UserId(row.user_id);
        let life = &app.settings.life;
        let is_over = now >= row.expires_at || now >= row.last_used_at + life.session_idle;
        let is_previous = token.generation == row.generation - 1;
        let is_repeated = is_previous && now <= row.rotated_at + life.refresh_grace;
        if is_over || !(token.generation == row.generation || is_repeated) {
            drop(tx);
            let reason = if is_over { EndReason::Expired } else { EndReason::ReuseDetected };
            end(app, origin, owner, token.session_id, reason).await?;
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
        let (id, expires_at) = (token.session_id, row.expires_at);
        app.tokens_of(&Session { id, owner, secret, generation, expires_at }, now)
    }
}

/// Ends the session, unless somebody else has. In a unit of work of its own, which begins with the
/// owner's row as all others do: the locks are always taken in one order.
async fn end(
    app: &App,
    origin: &Origin,
    owner: UserId,
    session_id: SessionId,
    reason: EndReason,
) -> Result<()> {
    let mut tx = app.begin(origin).await?;
    let Some(user) = users::lock(&mut tx, owner).await? else { return Ok(()) };
    let (user_id, version) = (user.id, user.version);
    let has_ended = sessions::end(&mut tx, session_id, user_id, version, reason).await?;
    if has_ended && reason == EndReason::ReuseDetected {
        let mail_id = mails::plan(&mut tx, MailKind::ReuseDetected, Some(user_id), None).await?;
        tx.emit(Event::ReuseDetected { user_id, version, session_id, mail_id });
    }
    tx.commit().await
}
