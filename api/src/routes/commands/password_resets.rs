//! `POST /v1/password-resets`, `POST /v1/password-resets/confirm`.

use keyward_core::{
    App,
    commands::{RequestPasswordReset, ResetPassword},
    domain::{EmailAddress, Password},
    origin::Origin,
};
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

use super::{Accepted, Done, email_verifications::AddressBody};
use crate::http::{body::Body, problem::Failure, tags::Tag};

pub(crate) struct PasswordResetCommands;

/// A new password, and the proof that it may be set.
#[derive(Debug, Object)]
pub(crate) struct NewPassword {
    /// The token behind the `#` of the link.
    token: String,
    /// 15 to 128 characters; no other rules but that it is not easily guessed.
    password: String,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::PasswordResets")]
impl PasswordResetCommands {
    /// Ask for a link to set a new password
    ///
    /// The same answer whether or not the address has an account.
    #[oai(path = "/password-resets", method = "post", operation_id = "request_password_reset")]
    async fn request_password_reset(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        body: Body<AddressBody>,
    ) -> Result<Accepted, Failure> {
        let (body, mut flaws) = body.parts();
        let email = flaws.check("/email", EmailAddress::parse(&body.email));
        let email = flaws.all(email)?;
        app.execute(RequestPasswordReset { email }, &origin).await?;
        Ok(Accepted::new())
    }

    /// Set a new password
    ///
    /// Ends every session of the account; nobody is logged in by it. A password that is refused
    /// does not use up the link.
    #[oai(path = "/password-resets/confirm", method = "post", operation_id = "reset_password")]
    async fn reset_password(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        body: Body<NewPassword>,
    ) -> Result<Done, Failure> {
        let (NewPassword { token, password }, mut flaws) = body.parts();
        let password = flaws.check("/password", Password::parse(&password));
        let password = flaws.all(password)?;
        app.execute(ResetPassword { token, password }, &origin).await?;
        Ok(Done::NoContent)
    }
}
