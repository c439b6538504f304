//! The one table from event to jobs.

use keyward_core::{
    domain::{MailId, MailKind, UserId},
    events::{Envelope, Event},
};

use crate::{
    jobs::{AvatarRenditions, BlobCollection, CacheInvalidation, EmailJob, WebhookDelivery},
    queue::NewJob,
};

/// The jobs that an event triggers, besides its webhook deliveries, which depend on the webhooks.
/// Exhaustive on purpose: a new event does not compile until its jobs are decided here.
pub(crate) fn jobs_for(cause: &Envelope) -> serde_json::Result<Vec<NewJob>> {
    use MailKind as Mail;

    let email = |kind: MailKind, mail_id: MailId| NewJob::new(EmailJob { kind, mail_id }, cause);
    let invalidation = || NewJob::new(CacheInvalidation { event: cause.event.clone() }, cause);
    let collection = |user_id: UserId| NewJob::new(BlobCollection { user_id }, cause);
    let jobs = match cause.event {
        Event::UserRegistered { mail_id, .. } | Event::VerificationRequested { mail_id, .. } => {
            vec![email(Mail::Verification, mail_id)]
        }
        Event::RegistrationRepeated { mail_id, .. } => {
            vec![email(Mail::AlreadyRegistered, mail_id)]
        }
        Event::PasswordResetRequested { mail_id, .. } => vec![email(Mail::PasswordReset, mail_id)],
        Event::PasswordResetForced { mail_id, .. } => {
            vec![email(Mail::PasswordResetForced, mail_id), invalidation()]
        }
        Event::PasswordChanged { mail_id, .. } => {
            vec![email(Mail::PasswordChanged, mail_id), invalidation()]
        }
        Event::EmailChangeRequested { mail_id, notice_id, .. } => vec![
            email(Mail::EmailChangeConfirmation, mail_id),
            email(Mail::EmailChangeNotice, notice_id),
        ],
        Event::EmailChanged { mail_id, .. } => {
            vec![email(Mail::EmailChanged, mail_id), invalidation()]
        }
        Event::EmailChangeUndone { mail_id, .. } => {
            vec![email(Mail::PasswordReset, mail_id), invalidation()]
        }
        Event::UserInvited { mail_id, .. } => vec![email(Mail::Invitation, mail_id)],
        Event::ReuseDetected { mail_id, .. } => vec![email(Mail::ReuseDetected, mail_id)],
        Event::MailResendRequested { mail_id, kind, .. } => vec![email(kind, mail_id)],
        Event::UserDeleted { user_id, ref mail_ids, actor_id, .. } => {
            let kind =
                if actor_id.is_some() { Mail::AccountDeletedByAdmin } else { Mail::AccountDeleted };
            let emails = mail_ids.iter().map(|&mail_id| email(kind, mail_id));
            emails.chain([invalidation(), collection(user_id)]).collect()
        }
        Event::EmailVerified { .. }
        | Event::ProfileChanged { .. }
        | Event::RoleChanged { .. }
        | Event::UserDisabled { .. }
        | Event::UserEnabled { .. }
        | Event::SessionEnded { .. } => vec![invalidation()],
        Event::AvatarUploaded { upload_id, .. } => {
            vec![NewJob::new(AvatarRenditions { upload_id }, cause)]
        }
        Event::AvatarChanged { user_id, .. } | Event::AvatarRemoved { user_id, .. } => {
            vec![invalidation(), collection(user_id)]
        }
        Event::WebhookRedeliveryRequested { webhook_id, delivery_id, round, .. } => {
            vec![NewJob::new(WebhookDelivery { webhook_id, delivery_id, round }, cause)]
        }
        Event::LinkRequestIgnored { .. }
        | Event::UserSessionsEnded { .. }
        | Event::InvitationAccepted { .. }
        | Event::InvitationRevoked { .. }
        | Event::SessionStarted { .. }
        | Event::MailBounced { .. }
        | Event::MailComplained { .. }
        | Event::WebhookCreated { .. }
        | Event::WebhookChanged { .. }
        | Event::WebhookSecretRotated { .. }
        | Event::WebhookDeleted { .. }
        | Event::WebhookDisabled { .. }
        | Event::WebhookPing { .. }
        | Event::ServiceTokenCreated { .. }
        | Event::ServiceTokenRotated { .. }
        | Event::ServiceTokenRevoked { .. } => vec![],
    };
    // One event can trigger several jobs of one queue.
    let keyed = jobs
        .into_iter()
        .enumerate()
        .map(|(nth, job)| Ok(job?.with_key(format!("{}/{nth}", cause.event_id))));
    keyed.collect()
}
