//! Accepting an invitation.

use super::prelude::*;
use crate::{
    domain::{DisplayName, LinkProof, Password, Purpose, UserId},
    languages::Locale,
};

/// Creates the account that an invitation is for. The emailed link verifies the address; an account
/// that holds it unverified is deleted.
///
/// Refused with [`LinkInvalid`](Refusal::LinkInvalid) if the link is unknown, used or expired, a newer
/// invitation has replaced it, its sender is no longer an administrator, or the address has an
/// account by now; with [`Invalid`](Refusal::Invalid) if the password is weak: the link then stays
/// usable.
pub struct AcceptInvitation {
    /// The token or the code of the link.
    pub proof: LinkProof,
    /// The display name.
    pub display_name: DisplayName,
    /// The password; checked against the policy.
    pub password: Password,
    /// The language of emails and pages.
    pub locale: Locale,
}

impl Command for AcceptInvitation {
    type Output = UserId;
    const NAME: &'static str = "accept_invitation";

    async fn handle(self, app: &App, origin: &Origin) -> Result<UserId> {
        let purpose = Purpose::AcceptInvitation;
        let link_id = links::open(app, origin, purpose, &self.proof).await?;
        // Read first: an unusable link costs no hash, and no lock is held while hashing.
        let email = invitations::lock(&mut app.begin(origin).await?, link_id).await?.email;
        let context = [email.as_str(), self.display_name.as_str()];
        let password = app.validate_password(self.password, context).await?;
        let password_hash = app.hasher.hash(&password).await?;

        let mut tx = app.begin(origin).await?;
        let invitation = invitations::lock(&mut tx, link_id).await?;
        links::consume(&mut tx, purpose, link_id).await?;
        invitations::remove(&mut tx, link_id).await?;
        match users::lock_by_email(&mut tx, &invitation.email).await? {
            Some(owner) if owner.keeps_its_address() => return Err(Refusal::LinkInvalid.into()),
            Some(squatter) => account_deletion::delete(&mut tx, &squatter, None, None).await?,
            None => {}
        }
        let role = invitation.role;
        let user = NewUser {
            email: &invitation.email,
            display_name: &self.display_name,
            locale: self.locale,
            password_hash: Some(&password_hash),
            role,
            verified_at: Some(tx.now),
        };
        let user = users::insert(&mut tx, user).await?.ok_or(Refusal::LinkInvalid)?;
        let (user_id, version) = (user.id, user.version);
        tx.emit(Event::InvitationAccepted { user_id, version, link_id, role });
        tx.complete(user_id).await
    }
}
