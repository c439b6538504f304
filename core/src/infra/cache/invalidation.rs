//! What an event makes stale.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{SessionId, UserId},
    events::Event,
};

/// What an event makes stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Invalidation {
    /// The account, which now has this version.
    User(UserId, i64),
    /// The session, which has ended.
    Session(SessionId),
}

/// What an event makes stale. Exhaustive on purpose: a new event does not compile until somebody
/// has decided what it does to the cache.
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
        // Nobody is logged in to an account that is not proven, so none is cached. To tell Redis
        // all the same would take longer than it takes for an address without an account.
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
        | Event::WebhookCreated { .. }
        | Event::WebhookChanged { .. }
        | Event::WebhookSecretRotated { .. }
        | Event::WebhookDeleted { .. }
        | Event::WebhookDisabled { .. }
        | Event::WebhookPing { .. }
        | Event::WebhookRedeliveryRequested { .. } => None,
    }
}
