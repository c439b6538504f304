//! The one table from event to jobs.

use keyward_core::events::Event;

use crate::jobs::{
    AccountDeletedByAdminEmail, AccountDeletedEmail, AlreadyRegisteredEmail, AvatarRenditions,
    BlobCollection, CacheInvalidation, EmailChangeConfirmationEmail, EmailChangeNoticeEmail,
    EmailChangedEmail, ForcedPasswordResetEmail, InvitationEmail, Job, PasswordChangedEmail,
    PasswordResetEmail, ReuseDetectedEmail, VerificationEmail, WebhookDelivery,
};

/// The jobs an event sets off, besides its deliveries to webhooks, which depend on what endpoints
/// there are. Exhaustive on purpose: a new event does not compile until somebody
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
            vec![Job::VerificationEmail(VerificationEmail { mail_id })]
        }
        Event::PasswordResetRequested { mail_id, .. } => {
            vec![Job::PasswordResetEmail(PasswordResetEmail { mail_id })]
        }
        Event::PasswordResetForced { mail_id, .. } => {
            let email = ForcedPasswordResetEmail { mail_id };
            vec![Job::ForcedPasswordResetEmail(email), invalidation()]
        }
        Event::PasswordChanged { mail_id, .. } => {
            vec![Job::PasswordChangedEmail(PasswordChangedEmail { mail_id }), invalidation()]
        }
        Event::EmailChangeRequested { mail_id, notice_id, .. } => vec![
            Job::EmailChangeConfirmationEmail(EmailChangeConfirmationEmail { mail_id }),
            Job::EmailChangeNoticeEmail(EmailChangeNoticeEmail { mail_id: notice_id }),
        ],
        Event::EmailChanged { mail_id, .. } => {
            vec![Job::EmailChangedEmail(EmailChangedEmail { mail_id }), invalidation()]
        }
        Event::EmailChangeUndone { mail_id, .. } => {
            vec![Job::PasswordResetEmail(PasswordResetEmail { mail_id }), invalidation()]
        }
        Event::UserInvited { mail_id, .. } => {
            vec![Job::InvitationEmail(InvitationEmail { mail_id })]
        }
        Event::UserDeleted { user_id, ref mail_ids, actor_id, .. } => {
            let collection = Job::BlobCollection(BlobCollection { user_id });
            let goodbye = |&mail_id| match actor_id {
                Some(_) => Job::AccountDeletedByAdminEmail(AccountDeletedByAdminEmail { mail_id }),
                None => Job::AccountDeletedEmail(AccountDeletedEmail { mail_id }),
            };
            mail_ids.iter().map(goodbye).chain([invalidation(), collection]).collect()
        }
        Event::ReuseDetected { mail_id, .. } => {
            vec![Job::ReuseDetectedEmail(ReuseDetectedEmail { mail_id })]
        }
        Event::EmailVerified { .. }
        | Event::ProfileChanged { .. }
        | Event::RoleChanged { .. }
        | Event::UserDisabled { .. }
        | Event::UserEnabled { .. }
        | Event::SessionEnded { .. } => vec![invalidation()],
        Event::AvatarUploaded { upload_id, .. } => {
            vec![Job::AvatarRenditions(AvatarRenditions { upload_id })]
        }
        Event::AvatarChanged { user_id, .. } | Event::AvatarRemoved { user_id, .. } => {
            vec![invalidation(), Job::BlobCollection(BlobCollection { user_id })]
        }
        Event::WebhookRedeliveryRequested { webhook_id, delivery_id, round, .. } => {
            let webhook_id = Some(webhook_id);
            vec![Job::WebhookDelivery(WebhookDelivery { webhook_id, delivery_id, round })]
        }
        Event::LinkRequestIgnored { .. }
        | Event::UserSessionsEnded { .. }
        | Event::InvitationAccepted { .. }
        | Event::InvitationRevoked { .. }
        | Event::SessionStarted { .. }
        | Event::WebhookCreated { .. }
        | Event::WebhookChanged { .. }
        | Event::WebhookSecretRotated { .. }
        | Event::WebhookDeleted { .. }
        | Event::WebhookDisabled { .. }
        | Event::WebhookPing { .. } => vec![],
    }
}
