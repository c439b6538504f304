//! `POST`, `PUT`, `PATCH`, `DELETE`: parse, execute, answer. Decisions belong in `keyward_core`.

pub(super) mod administration;
pub(super) mod avatars;
pub(super) mod email_changes;
pub(super) mod email_verifications;
pub(super) mod invitations;
mod link_proof;
pub(super) mod mail_reports;
pub(super) mod password_resets;
mod registration;
pub(super) mod service_tokens;
pub(super) mod sessions;
pub(super) mod tokens;
pub(super) mod users;
pub(super) mod webhooks;

use keyward_core::{Refusal, domain::EmailAddress};
use poem_openapi::Object;

use crate::http::body::Body;

/// An email address.
#[derive(Debug, Object)]
pub(crate) struct AddressBody {
    /// The address of the account.
    email: String,
}

/// The valid address in a body.
fn address(body: Body<AddressBody>) -> Result<EmailAddress, Refusal> {
    let (body, mut flaws) = body.parts();
    let email = flaws.check("/email", EmailAddress::parse(&body.email));
    flaws.all(email)
}
