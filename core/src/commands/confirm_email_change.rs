//! Proving the new address.

use crate::{
    App, Command, Refusal, Result,
    domain::{EndReason, MailKind, Purpose},
    events::Event,
    origin::Origin,
    store::{email_changes, links, mails, sessions},
};

/// Changes the address of an account, by the token that was mailed to the new one. Every session
/// but the one that asked ends (OWASP ASVS 5.0, 7.4.3), links mailed to the old address die, and
/// its owner gets a notice with a link that takes the change back, good for its whole life from
/// now on.
///
/// An account that holds the new address without having proven it is removed.
///
/// Refused with [`LinkInvalid`](Refusal::LinkInvalid) if the link is unknown, used or expired, the
/// account is disabled or gone, or somebody else has proven the address in the meantime.
#[derive(Debug)]
pub struct ConfirmEmailChange {
    /// The token behind the `#`.
    pub token: String,
}

impl Command for ConfirmEmailChange {
    type Output = ();
    const NAME: &'static str = "confirm_email_change";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let purpose = Purpose::ConfirmEmailChange;
        let link = app.links.open(purpose, &self.token).ok_or(Refusal::LinkInvalid)?;

        let mut tx = app.begin(origin).await?;
        let user_id = links::lock_owner(&mut tx, purpose, link).await?.id;
        links::consume(&mut tx, purpose, link).await?;
        let change = email_changes::of_link(&mut tx, link).await?;
        let version = email_changes::move_to(&mut tx, user_id, &change.new).await?;
        links::revoke_all_but_undo(&mut tx, user_id).await?;
        let (keep, reason) = (Some(change.session_id), EndReason::EmailChanged);
        sessions::end_all(&mut tx, user_id, version, keep, reason).await?;

        let life = app.settings.life.email_undo_link;
        let undo = links::renew_undo(&mut tx, change.id, life).await?;
        let (kind, to) = (MailKind::EmailChanged, Some(change.old.email.as_str()));
        let mail_id = mails::plan_to(&mut tx, kind, Some(user_id), to, undo).await?;
        tx.emit(Event::EmailChanged { user_id, version, mail_id });
        tx.commit().await
    }
}
