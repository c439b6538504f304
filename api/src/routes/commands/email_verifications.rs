//! `POST /v1/email-verifications`, `POST /v1/email-verifications/confirm`.

use keyward_core::{
    App,
    commands::{ConfirmEmail, RequestEmailVerification},
    domain::EmailAddress,
    origin::Origin,
};
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

use super::{Accepted, Done};
use crate::http::{body::Body, problem::Failure, tags::Tag};

pub(crate) struct EmailVerificationCommands;

/// Whose link to send.
#[derive(Debug, Object)]
pub(crate) struct AddressBody {
    /// The address of the account.
    pub(crate) email: String,
}

/// What a mailed link carries.
#[derive(Debug, Object)]
pub(crate) struct TokenBody {
    /// The token behind the `#` of the link.
    pub(crate) token: String,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::EmailVerifications")]
impl EmailVerificationCommands {
    /// Send the verification link again
    ///
    /// The same answer whether or not the address has an account.
    #[oai(
        path = "/email-verifications",
        method = "post",
        operation_id = "request_email_verification"
    )]
    async fn request_email_verification(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        body: Body<AddressBody>,
    ) -> Result<Accepted, Failure> {
        let (body, mut flaws) = body.parts();
        let email = flaws.check("/email", EmailAddress::parse(&body.email));
        let email = flaws.all(email)?;
        app.execute(RequestEmailVerification { email }, &origin).await?;
        Ok(Accepted::new())
    }

    /// Prove an address
    #[oai(path = "/email-verifications/confirm", method = "post", operation_id = "confirm_email")]
    async fn confirm_email(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        body: Body<TokenBody>,
    ) -> Result<Done, Failure> {
        app.execute(ConfirmEmail { token: body.whole()?.token }, &origin).await?;
        Ok(Done::NoContent)
    }
}
