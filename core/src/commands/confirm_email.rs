//! Verifying an email address.

use super::prelude::*;
use crate::domain::Purpose;

/// Marks the address of an account as verified, by the token of a verification link.
///
/// Refused with [`LinkInvalid`](crate::Refusal::LinkInvalid) if the link is unknown, used or expired,
/// or the account is disabled or deleted: one answer for all.
pub struct ConfirmEmail {
    /// The token after the `#` of the link.
    pub token: String,
}

impl Command for ConfirmEmail {
    type Output = ();
    const NAME: &'static str = "confirm_email";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let (mut tx, mut user, _) =
            links::redeem(app, origin, Purpose::VerifyEmail, &self.token).await?;
        let patch = UserPatch { verified_at: Some(tx.now), ..UserPatch::default() };
        users::update(&mut tx, &mut user, patch).await?;
        tx.emit(Event::EmailVerified { user_id: user.id, version: user.version });
        tx.commit().await
    }
}
