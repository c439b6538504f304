//! Accepting an invitation.

use crate::{
    App, Command, Refusal, Result,
    app::Tx,
    domain::{DisplayName, Password, Purpose, UserId},
    events::Event,
    infra::passwords::PasswordHash,
    origin::Origin,
    store::{
        invitations::{self, Invitation},
        links,
        users::{self, NewUser},
    },
};

/// Opens the account that somebody was invited to. Having read the mail proves the address; an
/// account that holds it without proof is removed.
///
/// Refused with [`LinkInvalid`](Refusal::LinkInvalid) if the link is unknown, used or expired, if a
/// newer invitation has replaced it, if whoever invited may no longer do so, or if the address has
/// an account by now; with [`Invalid`](Refusal::Invalid) if the password is weak, and then the link
/// stays good.
#[derive(Debug)]
pub struct AcceptInvitation {
    /// The token behind the `#`.
    pub token: String,
    /// The name to show.
    pub display_name: DisplayName,
    /// The password; checked against the policy.
    pub password: Password,
}

impl Command for AcceptInvitation {
    type Output = UserId;
    const NAME: &'static str = "accept_invitation";

    async fn handle(self, app: &App, origin: &Origin) -> Result<UserId> {
        let purpose = Purpose::AcceptInvitation;
        let link_id = app.links.open(purpose, &self.token).ok_or(Refusal::LinkInvalid)?;
        // Looked at first and let go: a dead link costs no hash, and no lock is held while hashing.
        let mut look = app.begin(origin).await?;
        let Invitation { email, .. } = invitations::lock(&mut look, link_id).await?;
        drop(look);
        app.policy
            .check(&self.password, &[email.as_str(), self.display_name.as_str()])
            .map_err(|flaw| Refusal::invalid("/password", flaw))?;
        let password_hash = app.hasher.hash(&self.password).await?;

        let mut tx = app.begin(origin).await?;
        let invitation = invitations::lock(&mut tx, link_id).await?;
        links::consume(&mut tx, purpose, link_id).await?;
        invitations::remove(&mut tx, link_id).await?;
        let user_id = open(&mut tx, &invitation, &self.display_name, &password_hash).await?;
        let role = invitation.role;
        tx.emit(Event::InvitationAccepted { user_id, version: 1, link_id, role });
        tx.commit().await?;
        Ok(user_id)
    }
}

/// Opens the account, with a proven address and its role.
async fn open(
    tx: &mut Tx,
    Invitation { email, role }: &Invitation,
    display_name: &DisplayName,
    password_hash: &PasswordHash,
) -> Result<UserId> {
    match users::lock_by_email(tx, email).await? {
        Some(owner) if owner.keeps_its_address() => return Err(Refusal::LinkInvalid.into()),
        Some(squatter) => users::delete(tx, &squatter, None, None).await?,
        None => {}
    }
    let user_id = UserId::new();
    let user = NewUser { id: user_id, email, display_name, password_hash };
    if !users::insert(tx, user).await? {
        return Err(Refusal::LinkInvalid.into());
    }
    let now = tx.now;
    sqlx::query!(
        "update users set email_verified_at = $2, role = $3 where user_id = $1",
        user_id.0,
        now,
        role.as_str(),
    )
    .execute(tx.sql())
    .await?;
    Ok(user_id)
}
