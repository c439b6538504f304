//! Confirming a change of address.

use super::prelude::*;
use crate::domain::{EndReason, LinkProof, MailKind, Purpose};

/// Changes the address of an account, by the token or the code that was emailed to the new address.
/// Ends every session but the one that requested the change (OWASP ASVS 5.0, 7.4.3), revokes links to
/// the old address, and emails it a notice with a link that undoes the change, whose lifetime starts
/// now.
///
/// An account that holds the new address unverified is deleted.
///
/// Refused with [`LinkInvalid`](crate::Refusal::LinkInvalid) if the link is unknown, used or expired,
/// the account is disabled or deleted, or another account has verified the address.
pub struct ConfirmEmailChange {
    /// The token of the link, or its code and the new address.
    pub proof: LinkProof,
}

impl Command for ConfirmEmailChange {
    type Output = ();
    const NAME: &'static str = "confirm_email_change";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let purpose = Purpose::ConfirmEmailChange;
        let link = links::open(app, origin, purpose, &self.proof).await?;
        let (mut tx, mut user) = links::redeem(app, origin, purpose, link).await?;
        let change = email_changes::of_link(&mut tx, link).await?;
        email_changes::move_to(&mut tx, &mut user, &change.new_email, UserPatch::default()).await?;
        links::revoke(&mut tx, Some(user.id), Revoked::AllButUndo).await?;
        let others = Ended::AllBut(change.session_id);
        sessions::end(&mut tx, &user, others, EndReason::EmailChanged).await?;

        let undo = links::renew_undo(&mut tx, change.id).await?;
        let (user_id, old) = (user.id, Some(user.recipient_at(change.old_email.as_str())));
        let kind = MailKind::EmailChanged;
        let mail_id = mails::plan_at(&mut tx, kind, Some(user_id), old, undo).await?;
        tx.emit(Event::EmailChanged { user_id, version: user.version, mail_id });
        tx.commit().await
    }
}
