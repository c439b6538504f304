//! Revoking an invitation.

use super::prelude::*;
use crate::domain::LinkId;

/// Revokes the link of an invitation. Its email is not sent, if it has not been sent yet.
///
/// Refused with [`InvitationNotFound`](crate::Refusal::InvitationNotFound) if it is unknown, or was
/// accepted, replaced or revoked before.
pub struct RevokeInvitation {
    /// The administrator.
    pub by: Administrator,
    /// The invitation, by its link.
    pub id: LinkId,
}

impl Command for RevokeInvitation {
    type Output = ();
    const NAME: &'static str = "revoke_invitation";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, id } = self;
        let mut tx = administrators::begin(app, origin, by).await?;
        invitations::remove(&mut tx, id).await?;
        links::revoke_one(&mut tx, id).await?;
        tx.emit(Event::InvitationRevoked { link_id: id, actor_id: by.id() });
        tx.commit().await
    }
}
