//! Undoing a change of address.

use super::prelude::*;
use crate::domain::{EndReason, LinkProof, MailKind, Purpose};

/// Restores the address an account had when a change was requested, by the token or the code that was
/// emailed to it, whether or not the change was confirmed, and whatever was changed since.
///
/// The person who requested the change knew the password, so the password is removed and a link to
/// set a new one is emailed to the restored address. Every session ends, and every open link is
/// revoked except those that undo earlier changes.
///
/// Refused with [`LinkInvalid`](crate::Refusal::LinkInvalid) if the link is unknown, used or expired,
/// the account is disabled or deleted, or another account has verified the old address.
pub struct UndoEmailChange {
    /// The token of the link, or its code and the old address.
    pub proof: LinkProof,
}

impl Command for UndoEmailChange {
    type Output = ();
    const NAME: &'static str = "undo_email_change";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let purpose = Purpose::UndoEmailChange;
        let link = links::open(app, origin, purpose, &self.proof).await?;
        let (mut tx, mut user) = links::redeem(app, origin, purpose, link).await?;
        let change = email_changes::of_link(&mut tx, link).await?;
        let patch = UserPatch { password_hash: Some(None), ..UserPatch::default() };
        email_changes::move_to(&mut tx, &mut user, &change.old_email, patch).await?;
        let which = Revoked::AllButUndoBefore(change.position);
        links::revoke(&mut tx, Some(user.id), which).await?;
        sessions::end(&mut tx, &user, Ended::All, EndReason::EmailChangeUndone).await?;

        let (kind, purpose) = (MailKind::PasswordReset, Purpose::ResetPassword);
        let (mail_id, _) = mails::plan_link(&mut tx, kind, purpose, Some(&user)).await?;
        tx.emit(Event::EmailChangeUndone { user_id: user.id, version: user.version, mail_id });
        tx.commit().await
    }
}
