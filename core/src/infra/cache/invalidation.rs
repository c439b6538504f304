//! Which cache entries an event invalidates.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{SessionId, UserId},
    events::Event,
};

/// Cache entries to invalidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Invalidation {
    /// Those of an account that now has this version.
    User(UserId, i64),
    /// That of a session that has ended.
    Session(SessionId),
}

/// The entries an event invalidates. Exhaustive, so that a new event does not compile before this is
/// decided.
#[must_use]
pub fn invalidation_by(event: &Event) -> Option<Invalidation> {
    match *event {
        Event::EmailVerified { user_id, version }
        | Event::ProfileChanged { user_id, version }
        | Event::PasswordChanged { user_id, version, .. }
        | Event::EmailChanged { user_id, version, .. }
        | Event::EmailChangeUndone { user_id, version, .. }
        | Event::UserDeleted { user_id, version, .. }
        | Event::RoleChanged { user_id, version, .. }
        | Event::UserDisabled { user_id, version, .. }
        | Event::UserEnabled { user_id, version, .. }
        | Event::PasswordResetForced { user_id, version, .. }
        | Event::AvatarChanged { user_id, version, .. }
        | Event::AvatarRemoved { user_id, version, .. } => {
            Some(Invalidation::User(user_id, version))
        }
        // An unconfirmed account has no session, so it is not cached. Writing a tombstone anyway would take
        // longer than for an unknown address and disclose the account.
        Event::VerificationRequested { .. } => None,
        Event::SessionEnded { session_id, .. } => Some(Invalidation::Session(session_id)),
        Event::UserRegistered { .. }
        | Event::RegistrationRepeated { .. }
        | Event::PasswordResetRequested { .. }
        | Event::EmailChangeRequested { .. }
        | Event::UserSessionsEnded { .. }
        | Event::UserInvited { .. }
        | Event::InvitationRevoked { .. }
        | Event::InvitationAccepted { .. }
        | Event::AvatarUploaded { .. }
        | Event::LinkRequestIgnored { .. }
        | Event::SessionStarted { .. }
        | Event::ReuseDetected { .. }
        | Event::MailBounced { .. }
        | Event::MailComplained { .. }
        | Event::MailResendRequested { .. }
        | Event::WebhookCreated { .. }
        | Event::WebhookChanged { .. }
        | Event::WebhookSecretRotated { .. }
        | Event::WebhookDeleted { .. }
        | Event::WebhookDisabled { .. }
        | Event::WebhookPing { .. }
        | Event::WebhookRedeliveryRequested { .. }
        | Event::ServiceTokenCreated { .. }
        | Event::ServiceTokenRotated { .. }
        | Event::ServiceTokenRevoked { .. } => None,
    }
}
