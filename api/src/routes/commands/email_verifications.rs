//! `POST /v1/email-verifications`, `POST /v1/email-verifications/confirm`.

use super::{AddressBody, TokenBody, address};
use crate::routes::prelude::*;

pub(crate) struct EmailVerificationCommands;

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
        body: Body<AddressBody>,
    ) -> Result<Accepted<CheckYourEmail>, Problem> {
        let email = address(body)?;
        context.answer(commands::RequestEmailVerification { email }).await
    }

    /// Verify an email address
    ///
    /// Fails with `link_invalid` if the token is unknown, used or expired.
    #[oai(path = "/email-verifications/confirm", method = "post", operation_id = "confirm_email")]
    async fn confirm_email(
        &self,
        context: Context<'_>,
        body: Body<TokenBody>,
    ) -> Result<NoContent, Problem> {
        let token = body.whole()?.token;
        context.answer(commands::ConfirmEmail { token }).await
    }
}
