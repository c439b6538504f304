//! Groups of routes in the documentation.

use poem_openapi::Tags;

/// A group of routes.
#[derive(Tags)]
pub(crate) enum Tag {
    /// Register, read and change your own account.
    Users,
    /// Verify the email address of an account.
    EmailVerifications,
    /// Confirm or undo a change of the email address.
    EmailChanges,
    /// Log in, refresh tokens, list and end sessions.
    Sessions,
    /// Reset a forgotten password.
    PasswordResets,
    /// Manage accounts as an administrator.
    Administration,
    /// Invite people to create an account.
    Invitations,
    /// Upload and read the avatars of accounts.
    Avatars,
    /// Read the public event log.
    Events,
    /// Send events to endpoints of other services.
    Webhooks,
    /// Credentials for machines.
    ServiceTokens,
    /// Take reports of email providers.
    MailReports,
    /// Verify access tokens.
    Keys,
}
