//! The one table from event to jobs.

use keyward_core::events::Event;

use crate::jobs::{
    AlreadyRegisteredEmail, CacheInvalidation, Job, PasswordChangedEmail, PasswordResetEmail,
    VerificationEmail,
};

/// The jobs an event sets off. Exhaustive on purpose: a new event does not compile until somebody
/// has decided here what follows from it, even if that is nothing.
#[must_use]
pub fn to(event: &Event) -> Vec<Job> {
    let invalidation = || Job::CacheInvalidation(CacheInvalidation { event: event.clone() });
    match *event {
        Event::UserRegistered { mail_id, .. } => {
            vec![Job::VerificationEmail(VerificationEmail { mail_id })]
        }
        Event::RegistrationRepeated { mail_id, .. } => {
            vec![Job::AlreadyRegisteredEmail(AlreadyRegisteredEmail { mail_id })]
        }
        Event::VerificationRequested { mail_id, .. } => {
            vec![Job::VerificationEmail(VerificationEmail { mail_id }), invalidation()]
        }
        Event::PasswordResetRequested { mail_id, .. } => {
            vec![Job::PasswordResetEmail(PasswordResetEmail { mail_id })]
        }
        Event::PasswordChanged { mail_id, .. } => {
            vec![Job::PasswordChangedEmail(PasswordChangedEmail { mail_id }), invalidation()]
        }
        Event::EmailVerified { .. } | Event::ProfileChanged { .. } | Event::SessionEnded { .. } => {
            vec![invalidation()]
        }
        Event::LinkRequestIgnored { .. } | Event::SessionStarted { .. } => vec![],
    }
}
