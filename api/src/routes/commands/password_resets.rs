//! `POST /v1/password-resets`, `POST /v1/password-resets/confirm`.

use super::{AddressBody, address, link_proof::EmailedLink};
use crate::routes::prelude::*;

pub(crate) struct PasswordResetCommands;

/// A new password, and the reset link: its `token`, or `email` and `code`.
#[derive(Debug, Object)]
pub(crate) struct NewPassword {
    #[oai(flatten)]
    link: EmailedLink,
    /// The new password: 15 to 128 characters, and hard to guess. No other rules.
    password: String,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::PasswordResets")]
impl PasswordResetCommands {
    /// Request a password reset
    ///
    /// Emails a link to set a new password if the address has an account. The response is the same
    /// whether or not it does.
    #[oai(path = "/password-resets", method = "post", operation_id = "request_password_reset")]
    async fn request_password_reset(
        &self,
        context: Context<'_>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Body<AddressBody>,
    ) -> Result<Accepted<CheckYourEmail>, Problem> {
        let email = address(body)?;
        context.once(key).await?.answer(commands::RequestPasswordReset { email }).await
    }

    /// Reset a password
    ///
    /// Sets a new password and ends every session of the account. Does not log in. Fails with
    /// `link_invalid` if the token or code is unknown, used or expired, or after five wrong codes. A
    /// refused password leaves the link valid.
    #[oai(path = "/password-resets/confirm", method = "post", operation_id = "reset_password")]
    async fn reset_password(
        &self,
        context: Context<'_>,
        body: Body<NewPassword>,
    ) -> Result<NoContent, Problem> {
        let (NewPassword { link, password }, mut flaws) = body.parts();
        let proof = link.proof(&mut flaws);
        let password = flaws.check("/password", Password::parse(&password));
        let (proof, password) = flaws.all(proof.zip(password))?;
        context.answer(commands::ResetPassword { proof, password }).await
    }
}
