//! Logging in.

use crate::{
    App, Command, Refusal, Result,
    commands::Tokens,
    domain::{EmailAddress, Password, UserId},
    limits::Bucket,
    origin::Origin,
    passwords::PasswordHash,
    store::sessions,
};

/// Starts a session with address and password.
///
/// Refused with [`BadCredentials`](Refusal::BadCredentials) for an unknown address, a wrong
/// password and a disabled account alike, after the same work; with
/// [`EmailUnverified`](Refusal::EmailUnverified) only after a right password; with
/// [`Busy`](Refusal::Busy) when too many are being checked already; with
/// [`Throttled`](Refusal::Throttled) when too many wrong ones were tried from networks that never
/// held a session of the account. Networks that did are not counted, so strangers cannot shut the
/// owner out at home; elsewhere a new password, set by mail, opens the door again.
#[derive(Debug)]
pub struct LogIn {
    /// The address, if what was typed is one at all.
    pub email: Option<EmailAddress>,
    /// The password.
    pub password: Password,
}

struct Account {
    user_id: uuid::Uuid,
    password_hash: Option<String>,
    is_verified: bool,
    is_active: bool,
    is_at_home: bool,
}

impl Command for LogIn {
    type Output = Tokens;
    const NAME: &'static str = "log_in";

    async fn handle(self, app: &App, origin: &Origin) -> Result<Tokens> {
        let account = sqlx::query_as!(
            Account,
            r#"select user_id, password_hash, email_verified_at is not null as "is_verified!",
                      status = 'active' as "is_active!",
                      exists (select from sessions
                              where sessions.user_id = users.user_id and ip <<= $2) as "is_at_home!"
               from users where email_key = $1"#,
            self.email.as_ref().map_or("", EmailAddress::key),
            origin.network(),
        )
        .fetch_optional(&app.read)
        .await?;
        let is_at_home = account.as_ref().is_some_and(|account| account.is_at_home);
        let email = self.email.filter(|_| !is_at_home);
        let strangers: Vec<Bucket> = email.iter().map(|email| app.login_strangers(email)).collect();
        app.limiter.pass(&strangers).await?;
        let hash = account.as_ref().and_then(|account| account.password_hash.clone());
        let hash = hash.map(PasswordHash);
        let is_right = app.hasher.verify(&self.password, hash.as_ref()).await?;
        let (Some(account), Some(hash), true) = (account, hash, is_right) else {
            return Err(Refusal::BadCredentials.into());
        };
        app.limiter.give_back(&strangers).await;
        if !account.is_active {
            return Err(Refusal::BadCredentials.into());
        }
        if !account.is_verified {
            return Err(Refusal::EmailUnverified.into());
        }

        let mut tx = app.begin(origin).await?;
        // The password was checked outside the transaction: it must still be the one. The lock is
        // shared, so logins do not wait for each other, only for changes of the account.
        let version = sqlx::query_scalar!(
            "select version from users
             where user_id = $1 and password_hash = $2 and status = 'active' for share",
            account.user_id,
            hash.0,
        )
        .fetch_optional(tx.sql())
        .await?
        .ok_or(Refusal::BadCredentials)?;
        let expires_at = tx.now + app.settings.life.session_absolute;
        let session =
            sessions::start(&mut tx, UserId(account.user_id), version, expires_at).await?;
        let now = tx.now;
        tx.commit().await?;
        app.tokens_of(&session, now)
    }
}
