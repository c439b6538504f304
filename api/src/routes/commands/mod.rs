//! `POST`, `PUT`, `PATCH`, `DELETE`: parse, execute, answer. What needs an `if` belongs in core.

mod administration;
mod avatars;
mod email_changes;
mod email_verifications;
mod invitations;
mod password_resets;
mod sessions;
mod users;
mod webhooks;

pub(crate) use administration::AdministrationCommands;
pub(crate) use avatars::AvatarCommands;
pub(crate) use email_changes::EmailChangeCommands;
pub(crate) use email_verifications::EmailVerificationCommands;
pub(crate) use invitations::InvitationCommands;
pub(crate) use password_resets::PasswordResetCommands;
pub(crate) use sessions::SessionCommands;
pub(crate) use users::UserCommands;
pub(crate) use webhooks::WebhookCommands;

use poem_openapi::{ApiResponse, Object, payload::Json};

/// What there is to say is in a mail.
#[derive(Debug, Object)]
pub(crate) struct CheckYourEmail {
    /// Always `check_your_email`.
    status: String,
}

/// The answer of every route that must not tell whether an address has an account.
#[derive(Debug, ApiResponse)]
pub(crate) enum Accepted {
    /// If there is anything to do about it, a mail is on its way.
    #[oai(status = 202)]
    CheckYourEmail(Json<CheckYourEmail>),
}

impl Default for CheckYourEmail {
    fn default() -> Self {
        Self { status: "check_your_email".into() }
    }
}

impl Accepted {
    pub(crate) fn new() -> Self {
        Self::CheckYourEmail(Json(CheckYourEmail::default()))
    }
}

/// The answer of what has nothing to say.
#[derive(Debug, ApiResponse)]
pub(crate) enum Done {
    /// It is done.
    #[oai(status = 204)]
    NoContent,
}
