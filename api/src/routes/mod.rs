//! The routes: `POST`, `PUT`, `PATCH` and `DELETE` in `commands`, `GET` in `queries`, HTML in
//! `pages`.

mod answers;
mod commands;
pub(crate) mod discovery;
pub(crate) mod feed;
pub(crate) mod pages;
mod prelude;
mod queries;

use poem_openapi::{OpenApi, OpenApiService};

use crate::http::openapi::Documented;

/// All routes of the OpenAPI document.
pub(crate) fn service() -> OpenApiService<impl OpenApi, ()> {
    let api = (
        commands::users::UserCommands,
        queries::users::UserQueries,
        commands::email_verifications::EmailVerificationCommands,
        commands::email_changes::EmailChangeCommands,
        commands::sessions::SessionCommands,
        queries::sessions::SessionQueries,
        commands::password_resets::PasswordResetCommands,
        commands::administration::AdministrationCommands,
        queries::administration::AdministrationQueries,
        commands::invitations::InvitationCommands,
        queries::invitations::InvitationQueries,
        commands::avatars::AvatarCommands,
        queries::avatars::AvatarQueries,
        (
            queries::events::EventQueries,
            commands::webhooks::WebhookCommands,
            queries::webhooks::WebhookQueries,
        ),
        commands::mail_reports::MailReportCommands,
        (
            queries::keys::KeyQueries,
            queries::revocations::RevocationQueries,
            commands::tokens::TokenCommands,
            commands::service_tokens::ServiceTokenCommands,
            queries::service_tokens::ServiceTokenQueries,
        ),
    );
    OpenApiService::new(Documented(api), "Keyward", env!("CARGO_PKG_VERSION")).description(
        "Accounts, sessions and passwords. Every change is an event that is delivered at least once.",
    )
}
