//! Taking an invitation back.

use crate::{
    App, Command, Result,
    administrator::Administrator,
    domain::LinkId,
    events::Event,
    origin::Origin,
    store::{administrators, invitations, links},
};

/// Kills the link of an invitation; a mail that has not gone out yet stays here.
///
/// Refused with [`InvitationNotFound`](crate::Refusal::InvitationNotFound) if there is none, or if
/// it was accepted, replaced or taken back before.
#[derive(Debug)]
pub struct RevokeInvitation {
    /// Who asks.
    pub by: Administrator,
    /// The invitation, by its link.
    pub id: LinkId,
}

impl Command for RevokeInvitation {
    type Output = ();
    const NAME: &'static str = "revoke_invitation";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, id } = self;
        let mut tx = app.begin(origin).await?;
        administrators::authorize(&mut tx, by).await?;
        invitations::remove(&mut tx, id).await?;
        links::revoke_one(&mut tx, id).await?;
        tx.emit(Event::InvitationRevoked { link_id: id, actor_id: by.user_id() });
        tx.commit().await
    }
}
