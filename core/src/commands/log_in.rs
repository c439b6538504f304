//! Logging in.

use chrono::Duration;

use super::prelude::*;
use crate::{
    commands::Tokens,
    domain::{EmailAddress, Password, UserId},
    infra::passwords::PasswordHash,
};

/// Starts a session with address and password.
///
/// Refused with [`BadCredentials`](Refusal::BadCredentials) for an unknown address, a wrong
/// password and a disabled account alike, after the same work (OWASP ASVS 5.0, 6.3.8); with
/// [`EmailUnverified`](Refusal::EmailUnverified) only after a right password; with
/// [`Busy`](Refusal::Busy) if too many passwords are being checked; with
/// [`Throttled`](Refusal::Throttled) after too many wrong passwords from the client's network, or
/// from all networks that never held a session of the account. Networks that did are not counted, so
/// that strangers cannot lock the owner out at home.
///
/// For a day after the password was set through an emailed link, the right one gets in from every
/// network, whatever strangers try: it is new and satisfies the policy, so guesses within a day do not
/// find it. The password is therefore checked even if a limit is exhausted, for every address:
/// otherwise the time would disclose which accounts are in that day.
pub struct LogIn {
    /// The address; `None` if the client sent no valid one.
    pub email: Option<EmailAddress>,
    /// The password.
    pub password: Password,
}

/// How long the right password gets in from every network after it was set through an emailed link.
const RESET_PASSES_FOR: Duration = Duration::days(1);

impl Command for LogIn {
    type Output = Tokens;
    const NAME: &'static str = "log_in";

    async fn handle(self, app: &App, origin: &Origin) -> Result<Tokens> {
        // A concurrent login may renew the hash between the check and the lock; then try again.
        for _ in 0..2 {
            let (owner, hash) = self.check(app, origin).await?;
            if let Some(tokens) = self.start(app, origin, owner, &hash).await? {
                return Ok(tokens);
            }
        }
        Err(Refusal::BadCredentials.into())
    }
}

impl LogIn {
    /// Checks the password, with the same work for every refusal.
    async fn check(&self, app: &App, origin: &Origin) -> Result<(UserId, PasswordHash)> {
        let account = sqlx::query!(
            r#"select user_id as "id: UserId", password_hash,
                      email_verified_at is not null as "is_verified!",
                      status = 'active' as "is_active!",
                      coalesce(password_reset_at > $3, false) as "was_reset!",
                      exists (select from sessions where sessions.user_id = users.user_id
                                     and ip <<= $2) as "is_known_network!"
               from users where email_key = $1"#,
            self.email.as_ref().map_or("", EmailAddress::key),
            origin.network(),
            app.clock.now() - RESET_PASSES_FOR,
        )
        .fetch_optional(&app.read)
        .await?;
        let is_known_network = account.as_ref().is_some_and(|account| account.is_known_network);
        let guesses =
            self.email.as_ref().map(|email| app.login_guesses(email, origin, is_known_network));
        let guesses = guesses.unwrap_or_default();
        let exhausted = app.limiter.pass(&guesses).await.err();
        let hash = account.as_ref().and_then(|account| account.password_hash.clone());
        let hash = hash.map(PasswordHash);
        let is_right = app.hasher.verify(&self.password, hash.as_ref()).await?;
        let account = account.filter(|_| is_right);
        match exhausted {
            Some(limit) if !account.as_ref().is_some_and(|account| account.was_reset) => {
                return Err(limit.into());
            }
            None if is_right => app.limiter.refund(&guesses).await,
            _ => {}
        }
        let (Some(account), Some(hash)) = (account, hash) else {
            return Err(Refusal::BadCredentials.into());
        };
        if !account.is_active {
            return Err(Refusal::BadCredentials.into());
        }
        if !account.is_verified {
            return Err(Refusal::EmailUnverified.into());
        }
        Ok((account.id, hash))
    }

    /// Starts the session; `None` if the account's hash is no longer the one that was checked. A hash
    /// with outdated parameters is renewed in the same step; only a caller who knows the password
    /// could notice the extra work.
    async fn start(
        &self,
        app: &App,
        origin: &Origin,
        owner: UserId,
        hash: &PasswordHash,
    ) -> Result<Option<Tokens>> {
        let renewed = match app.hasher.is_outdated(hash) {
            // Without capacity the next login renews it.
            true => app.hasher.hash(&self.password).await.ok(),
            false => None,
        };
        let mut tx = app.begin(origin).await?;
        let hash = match &renewed {
            Some(renewed) if users::renew_hash(&mut tx, owner, hash, renewed).await? => renewed,
            Some(_) => return Ok(None),
            None => hash,
        };
        let expires_at = tx.now + app.settings.life.session_absolute;
        let session = sessions::start(&mut tx, owner, hash, expires_at).await?;
        let Some(session) = session else { return Ok(None) };
        let now = tx.now;
        tx.commit().await?;
        app.tokens_of(&session, now).map(Some)
    }
}
