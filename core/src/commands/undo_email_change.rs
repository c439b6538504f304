//! Taking a change of address back.

use crate::{
    App, Command, Refusal, Result,
    domain::{EndReason, MailKind, Purpose},
    events::Event,
    origin::Origin,
    store::{email_changes, links, mails, sessions, users},
};

/// Gives an account back to the address it had when a change was asked for, by the token that was
/// mailed there, whether or not the change was confirmed, and whatever was changed after it.
///
/// Whoever asked for the change knew the password, so it is good for nothing from now on: a
/// link to set a new one is mailed to the restored address. Every session ends, and every open
/// link dies but those that undo earlier changes.
///
/// Refused with [`LinkInvalid`](Refusal::LinkInvalid) if the link is unknown, used or expired, the
/// account is disabled or gone, or another account has proven the old address in the meantime.
#[derive(Debug)]
pub struct UndoEmailChange {
    /// The token behind the `#`.
    pub token: String,
}

impl Command for UndoEmailChange {
    type Output = ();
    const NAME: &'static str = "undo_email_change";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let purpose = Purpose::UndoEmailChange;
        let link = app.links.open(purpose, &self.token).ok_or(Refusal::LinkInvalid)?;

        let mut tx = app.begin(origin).await?;
        let user_id = links::lock_owner(&mut tx, purpose, link).await?.id;
        links::consume(&mut tx, purpose, link).await?;
        let change = email_changes::of_link(&mut tx, link).await?;
        email_changes::move_to(&mut tx, user_id, &change.old).await?;
        let version = users::remove_password(&mut tx, user_id).await?;
        links::revoke_after_undo(&mut tx, user_id, change.id).await?;
        let reason = EndReason::EmailChangeUndone;
        sessions::end_all(&mut tx, user_id, version, None, reason).await?;

        let (purpose, life) = (Purpose::ResetPassword, app.settings.life.reset_link);
        let reset = links::issue(&mut tx, purpose, Some(user_id), life).await?;
        let mail_id =
            mails::plan(&mut tx, MailKind::PasswordReset, Some(user_id), Some(reset)).await?;
        tx.emit(Event::EmailChangeUndone { user_id, version, mail_id });
        tx.commit().await
    }
}
