//! Inviting a person.

use super::prelude::*;
use crate::{
    domain::{EmailAddress, LinkId, MailKind, Purpose, Role},
    languages::Locale,
};

/// Emails a link that creates an account with a role. It replaces an older invitation to the same
/// address. If the address has an account, no email is sent, and the work is the same.
///
/// Returns the link, for the command line only; `None` if the address has an account.
pub struct InviteUser {
    /// The administrator.
    pub by: Administrator,
    /// The invited address.
    pub email: EmailAddress,
    /// The role of the new account.
    pub role: Role,
    /// The language of the email.
    pub locale: Locale,
}

impl Command for InviteUser {
    type Output = Option<LinkId>;
    const NAME: &'static str = "invite_user";

    async fn handle(self, app: &App, origin: &Origin) -> Result<Option<LinkId>> {
        let Self { by, email, role, locale } = self;
        let mut tx = administrators::begin(app, origin, by).await?;
        let owner = users::keep_by_email(&mut tx, &email).await?;
        let is_free = !owner.is_some_and(|owner| owner.keeps_its_address());
        let purpose = Purpose::AcceptInvitation;
        let link_id = links::issue(&mut tx, purpose, None, None).await?;
        if is_free {
            invitations::insert(&mut tx, by, &email, role, link_id).await?;
        }
        let locale = locale.as_str();
        let to = is_free.then_some(Recipient { email: email.as_str(), locale });
        let mail_id =
            mails::plan_at(&mut tx, MailKind::Invitation, None, to, Some(link_id)).await?;
        tx.emit(Event::UserInvited { link_id, actor_id: by.id(), role, mail_id });
        tx.complete(is_free.then_some(link_id)).await
    }
}
