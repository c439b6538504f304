//! Changing one's own password.

use super::prelude::*;
use crate::domain::{EndReason, MailKind, Password};

/// Changes the password of a logged-in user who knows the old one (OWASP ASVS 5.0, 6.2.2 and 6.2.3;
/// NIST SP 800-63B-4, section 5.2). Ends every *other* session (7.4.3), revokes open links except
/// those that undo an email change, and emails a notice (6.3.7).
///
/// Refused with [`WrongPassword`](crate::Refusal::WrongPassword) if the old one is wrong, with
/// [`Invalid`](crate::Refusal::Invalid) if the new one is weak.
pub struct ChangePassword {
    /// The caller.
    pub actor: Actor,
    /// The old password.
    pub current_password: Password,
    /// The new password; checked against the policy.
    pub password: Password,
}

impl Command for ChangePassword {
    type Output = ();
    const NAME: &'static str = "change_password";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { actor, current_password, password } = self;
        let proof = Reauthentication::begin(app, origin, actor).await?;
        let context = [proof.user.email.as_str(), &proof.user.display_name];
        let password = app.validate_password(password, context).await?;
        proof.check(app, &current_password).await?;
        let new_hash = app.hasher.hash(&password).await?;

        let mut tx = app.begin(origin).await?;
        let mut user = proof.authorize(&mut tx).await?;
        let patch = UserPatch { password_hash: Some(Some(&new_hash)), ..UserPatch::default() };
        users::update(&mut tx, &mut user, patch).await?;
        links::revoke(&mut tx, Some(user.id), Revoked::AllButUndo).await?;
        let others = Ended::AllBut(actor.session_id);
        sessions::end(&mut tx, &user, others, EndReason::PasswordChanged).await?;
        let mail_id = mails::plan(&mut tx, MailKind::PasswordChanged, Some(&user)).await?;
        tx.emit(Event::PasswordChanged { user_id: user.id, version: user.version, mail_id });
        tx.commit().await
    }
}
