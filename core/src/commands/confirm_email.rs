//! Verifying an email address.

use super::prelude::*;
use crate::domain::{LinkProof, Password, Purpose};

/// Marks the address of an account as verified, by the token or the code of a verification link. With a
/// password it also sets that password, because the caller has proven that they read the mailbox.
///
/// An account without a password needs one: the address was registered more than once, with different
/// passwords, and no one knows which of them is the owner's (see
/// [`RegisterUser`](super::RegisterUser)).
///
/// Refused with [`LinkInvalid`](Refusal::LinkInvalid) if the link is unknown, used or expired, or the
/// account is disabled or deleted: one answer for all. With
/// [`PasswordRequired`](Refusal::PasswordRequired), and with [`Invalid`](Refusal::Invalid) for a weak
/// password, the link stays usable.
pub struct ConfirmEmail {
    /// The token or the code of the link.
    pub proof: LinkProof,
    /// The new password; checked against the policy.
    pub password: Option<Password>,
}

impl Command for ConfirmEmail {
    type Output = ();
    const NAME: &'static str = "confirm_email";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let purpose = Purpose::VerifyEmail;
        let link = links::open(app, origin, purpose, &self.proof).await?;
        // Read first: an unusable link costs no hash, and no lock is held while hashing.
        let user = links::owner(app, origin, purpose, link).await?;
        let hash = match self.password {
            Some(password) => {
                let context = [user.email.as_str(), &user.display_name];
                let password = app.validate_password(password, context).await?;
                Some(app.hasher.hash(&password).await?)
            }
            None => None,
        };

        let (mut tx, mut user) = links::redeem(app, origin, purpose, link).await?;
        if user.password_hash.is_none() && hash.is_none() {
            return Err(Refusal::PasswordRequired.into());
        }
        let patch = UserPatch {
            verified_at: Some(tx.now),
            password_hash: hash.as_ref().map(Some),
            password_reset_at: hash.as_ref().map(|_| tx.now),
            ..UserPatch::default()
        };
        users::update(&mut tx, &mut user, patch).await?;
        let others = if hash.is_some() { Revoked::AllButUndo } else { Revoked::Of(purpose) };
        links::revoke(&mut tx, Some(user.id), others).await?;
        tx.emit(Event::EmailVerified { user_id: user.id, version: user.version });
        tx.commit().await
    }
}
