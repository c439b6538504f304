//! How the routes are grouped in the documentation.

use poem_openapi::Tags;

/// A group of routes.
#[derive(Tags)]
pub(crate) enum Tag {
    /// Accounts.
    Users,
    /// Proving addresses.
    EmailVerifications,
    /// Changing addresses.
    EmailChanges,
    /// Logging in, staying logged in, logging out.
    Sessions,
    /// Forgotten passwords.
    PasswordResets,
    /// What administrators do and see.
    Administration,
    /// Inviting people.
    Invitations,
    /// Pictures.
    Avatars,
    /// What has happened, for other services.
    Events,
    /// Endpoints of other services that events are sent to.
    Webhooks,
    /// The keys that verify access tokens.
    Keys,
}
