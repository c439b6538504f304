//! Setting a new password through an emailed link.

use super::prelude::*;
use crate::domain::{DisplayName, EndReason, LinkProof, MailKind, Password, Purpose};

/// Sets a new password by the token or the code of a reset link, ends every session and emails a
/// notice. Starts no session (OWASP Forgot Password Cheat Sheet; ASVS 5.0, 6.3.7, 6.4.3 and 7.4.3). It
/// also verifies the address. For a day the new password gets in from every network, however many wrong
/// ones are tried: see [`LogIn`](super::LogIn). An account that was unverified loses its display name:
/// another person may have chosen it, as they chose the password.
///
/// Refused with [`LinkInvalid`](crate::Refusal::LinkInvalid) if the link is unknown, used or expired, or the
/// account is disabled or deleted; with [`Invalid`](crate::Refusal::Invalid) if the password is weak: the
/// link then stays usable. Of any number of callers with one link, one succeeds and sets its password.
pub struct ResetPassword {
    /// The token or the code of the link.
    pub proof: LinkProof,
    /// The new password; checked against the policy.
    pub password: Password,
}

impl Command for ResetPassword {
    type Output = ();
    const NAME: &'static str = "reset_password";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let purpose = Purpose::ResetPassword;
        let link = links::open(app, origin, purpose, &self.proof).await?;
        // Read first: an unusable link costs no hash, and no lock is held while hashing.
        let user = links::owner(app, origin, purpose, link).await?;
        let context = [user.email.as_str(), &user.display_name];
        let password = app.validate_password(self.password, context).await?;
        let password_hash = app.hasher.hash(&password).await?;

        let (mut tx, mut user) = links::redeem(app, origin, purpose, link).await?;
        if !user.is_verified {
            let (verified_at, display_name) = (Some(tx.now), Some(DisplayName::NONE));
            let patch = UserPatch { verified_at, display_name, ..UserPatch::default() };
            users::update(&mut tx, &mut user, patch).await?;
            tx.emit(Event::EmailVerified { user_id: user.id, version: user.version });
        }
        let patch = UserPatch {
            password_hash: Some(Some(&password_hash)),
            password_reset_at: Some(tx.now),
            ..UserPatch::default()
        };
        users::update(&mut tx, &mut user, patch).await?;
        links::revoke(&mut tx, Some(user.id), Revoked::AllButUndo).await?;
        sessions::end(&mut tx, &user, Ended::All, EndReason::PasswordReset).await?;
        let mail_id = mails::plan(&mut tx, MailKind::PasswordChanged, Some(&user)).await?;
        tx.emit(Event::PasswordChanged { user_id: user.id, version: user.version, mail_id });
        tx.commit().await
    }
}
