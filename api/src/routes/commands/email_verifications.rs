//! `POST /v1/email-verifications`, `POST /v1/email-verifications/confirm`.

use super::{AddressBody, address, link_proof::EmailedLink};
use crate::routes::prelude::*;

pub(crate) struct EmailVerificationCommands;

/// A verification link: its `token`, or `email` and `code`.
#[derive(Debug, Object)]
pub(crate) struct EmailConfirmation {
    #[oai(flatten)]
    link: EmailedLink,
    /// A new password: 15 to 128 characters, and hard to guess. No other rules. Required if the address
    /// was registered more than once, with different passwords.
    password: Option<String>,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::EmailVerifications")]
impl EmailVerificationCommands {
    /// Resend the verification link
    ///
    /// Emails a link if the address belongs to an unverified account. The response is the same
    /// whether or not it does.
    #[oai(
        path = "/email-verifications",
        method = "post",
        operation_id = "request_email_verification"
    )]
    async fn request_email_verification(
        &self,
        context: Context<'_>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Body<AddressBody>,
    ) -> Result<Accepted<CheckYourEmail>, Problem> {
        let email = address(body)?;
        context.once(key).await?.answer(commands::RequestEmailVerification { email }).await
    }

    /// Verify an email address
    ///
    /// Fails with `link_invalid` if the token or code is unknown, used or expired, or after five wrong
    /// codes, and with `password_required` (422) if the address was registered more than once, with different passwords: none of them is
    /// valid, and the account gets the password of this request. A refused password leaves the link
    /// valid.
    #[oai(path = "/email-verifications/confirm", method = "post", operation_id = "confirm_email")]
    async fn confirm_email(
        &self,
        context: Context<'_>,
        body: Body<EmailConfirmation>,
    ) -> Result<NoContent, Problem> {
        let (EmailConfirmation { link, password }, mut flaws) = body.parts();
        let proof = link.proof(&mut flaws);
        let password = password.as_deref().map(Password::parse).transpose();
        let password = flaws.check("/password", password);
        let (proof, password) = flaws.all(proof.zip(password))?;
        context.answer(commands::ConfirmEmail { proof, password }).await
    }
}
