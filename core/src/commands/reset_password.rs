//! Setting a new password through a mailed link.

use crate::{
    App, Command, Refusal, Result,
    domain::{EmailAddress, EndReason, MailKind, Password, Purpose},
    events::Event,
    origin::Origin,
    store::{links, mails, sessions, users},
};

/// Sets a new password by the token of a reset link. Every session of the account ends, its owner
/// gets a notice, and nobody is logged in by it (OWASP Forgot Password Cheat Sheet; ASVS 5.0,
/// 6.3.7, 6.4.3 and 7.4.3). Having read
/// the mail proves the address, too, and ends the wait that strangers' guesses may have caused. An
/// account that had not proven it loses the name it was opened with: that may have been somebody
/// else's choice, as the password was.
///
/// Refused with [`LinkInvalid`](Refusal::LinkInvalid) if the link is unknown, used or expired, or
/// the account is disabled or gone; with [`Invalid`](Refusal::Invalid) if the password is weak,
/// and then the link stays good. Of any number of callers with one link one wins, and it is his
/// password that is set.
#[derive(Debug)]
pub struct ResetPassword {
    /// The token behind the `#`.
    pub token: String,
    /// The new password; checked against the policy.
    pub password: Password,
}

impl Command for ResetPassword {
    type Output = ();
    const NAME: &'static str = "reset_password";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let purpose = Purpose::ResetPassword;
        let link = app.links.open(purpose, &self.token).ok_or(Refusal::LinkInvalid)?;
        // Looked at first and let go: a dead link costs no hash, and no lock is held while hashing.
        let mut look = app.begin(origin).await?;
        let user = links::lock_owner(&mut look, purpose, link).await?;
        drop(look);
        app.policy
            .check(&self.password, &[&user.email, &user.display_name])
            .map_err(|flaw| Refusal::invalid("/password", flaw))?;
        let password_hash = app.hasher.hash(&self.password).await?;

        let mut tx = app.begin(origin).await?;
        let user = links::lock_owner(&mut tx, purpose, link).await?;
        let user_id = user.id;
        links::consume(&mut tx, purpose, link).await?;
        if !user.is_verified {
            let version = users::hand_over_unproven(&mut tx, user_id).await?;
            tx.emit(Event::EmailVerified { user_id, version });
        }
        links::revoke_all_but_undo(&mut tx, user_id).await?;
        let version = users::set_password(&mut tx, user_id, &password_hash).await?;
        sessions::end_all(&mut tx, user_id, version, None, EndReason::PasswordReset).await?;
        let mail_id = mails::plan(&mut tx, MailKind::PasswordChanged, Some(user_id), None).await?;
        tx.emit(Event::PasswordChanged { user_id, version, mail_id });
        tx.commit().await?;
        if let Ok(email) = EmailAddress::parse(&user.email) {
            app.limiter.empty(&app.login_strangers(&email)).await;
        }
        Ok(())
    }
}
