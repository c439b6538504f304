//! Proving an address.

use crate::{
    App, Command, Refusal, Result,
    domain::Purpose,
    events::Event,
    origin::Origin,
    store::{links, users},
};

/// Takes a verification link's token as proof that the address belongs to the account.
///
/// Refused with [`LinkInvalid`](Refusal::LinkInvalid) if it is unknown, used or expired, or the
/// account is disabled or gone: one answer for all.
#[derive(Debug)]
pub struct ConfirmEmail {
    /// The token behind the `#`.
    pub token: String,
}

impl Command for ConfirmEmail {
    type Output = ();
    const NAME: &'static str = "confirm_email";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let purpose = Purpose::VerifyEmail;
        let link = app.links.open(purpose, &self.token).ok_or(Refusal::LinkInvalid)?;

        let mut tx = app.begin(origin).await?;
        let user = links::lock_owner(&mut tx, purpose, link).await?;
        links::consume(&mut tx, purpose, link).await?;
        let version = users::mark_verified(&mut tx, user.id).await?;
        tx.emit(Event::EmailVerified { user_id: user.id, version });
        tx.commit().await
    }
}
