//! Inviting somebody.

use crate::{
    App, Command, Result,
    administrator::Administrator,
    domain::{EmailAddress, LinkToken, MailKind, Purpose, Role},
    events::Event,
    origin::Origin,
    store::{administrators, invitations, links, mails, users},
};

/// Mails a link that opens an account with a role. An older invitation to the same address is dead
/// from now on. If the address has an account already, nothing is mailed, and the work is the same.
#[derive(Debug)]
pub struct InviteUser {
    /// Who invites.
    pub by: Administrator,
    /// Who is invited.
    pub email: EmailAddress,
    /// What the account may do.
    pub role: Role,
}

impl Command for InviteUser {
    /// The token of the link, for whoever runs the program on the server and shows it to nobody
    /// else; nothing if the address has an account.
    type Output = Option<LinkToken>;
    const NAME: &'static str = "invite_user";

    async fn handle(self, app: &App, origin: &Origin) -> Result<Option<LinkToken>> {
        let Self { by, email, role } = self;
        let mut tx = app.begin(origin).await?;
        administrators::authorize(&mut tx, by).await?;
        let owner = users::keep_by_email(&mut tx, &email).await?;
        let is_free = !owner.is_some_and(|owner| owner.keeps_its_address());
        let (purpose, life) = (Purpose::AcceptInvitation, app.settings.life.invitation_link);
        let link_id = links::issue(&mut tx, purpose, None, life).await?;
        if is_free {
            invitations::insert(&mut tx, by, &email, role, link_id).await?;
        }
        let to = is_free.then_some(email.as_str());
        let mail_id =
            mails::plan_to(&mut tx, MailKind::Invitation, None, to, Some(link_id)).await?;
        tx.emit(Event::UserInvited { link_id, actor_id: by.user_id(), role, mail_id });
        tx.commit().await?;
        Ok(is_free.then(|| app.links.token(purpose, link_id)))
    }
}
