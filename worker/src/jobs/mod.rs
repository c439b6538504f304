//! What follows from events: one file per job.

mod account_deleted_by_admin_email;
mod account_deleted_email;
mod already_registered_email;
mod avatar_renditions;
mod blob_collection;
mod cache_invalidation;
mod email_change_confirmation_email;
mod email_change_notice_email;
mod email_changed_email;
mod forced_password_reset_email;
mod invitation_email;
mod password_changed_email;
mod password_reset_email;
mod reuse_detected_email;
mod verification_email;
mod webhook_delivery;

use keyward_core::events::Envelope;
use serde::Serialize;

pub use account_deleted_by_admin_email::AccountDeletedByAdminEmail;
pub use account_deleted_email::AccountDeletedEmail;
pub use already_registered_email::AlreadyRegisteredEmail;
pub use avatar_renditions::AvatarRenditions;
pub use blob_collection::BlobCollection;
pub use cache_invalidation::CacheInvalidation;
pub use email_change_confirmation_email::EmailChangeConfirmationEmail;
pub use email_change_notice_email::EmailChangeNoticeEmail;
pub use email_changed_email::EmailChangedEmail;
pub use forced_password_reset_email::ForcedPasswordResetEmail;
pub use invitation_email::InvitationEmail;
pub use password_changed_email::PasswordChangedEmail;
pub use password_reset_email::PasswordResetEmail;
pub use reuse_detected_email::ReuseDetectedEmail;
pub use verification_email::VerificationEmail;
pub use webhook_delivery::WebhookDelivery;
pub(crate) use webhook_delivery::fan_out;

use crate::{
    pipeline::reactions,
    queue::{Ticket, Work},
};

macro_rules! jobs {
    ($($name:ident)+) => {
        /// A job of any kind.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Job {
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($name),
            )+
        }

        impl Job {
            /// Names of all queues.
            pub const QUEUES: &'static [&'static str] = &[$(<$name as Work>::QUEUE),+];

            /// The job as it is put into its queue: the `nth` that follows from an event.
            fn ticket(&self, cause: &Envelope, nth: usize) -> QueuedTicket {
                // An event may set off several jobs of one queue.
                let key = format!("{}/{nth}", cause.event_id);
                match self { $(Self::$name(work) => QueuedTicket::new(work, cause, key)),+ }
            }
        }

        /// Calls `$with!` with every kind of job there is.
        macro_rules! for_each_job {
            ($with:ident) => { $($with!($crate::jobs::$name);)+ };
        }
        pub(crate) use for_each_job;
    };
}

jobs! {
    VerificationEmail
    AlreadyRegisteredEmail
    PasswordResetEmail
    ForcedPasswordResetEmail
    PasswordChangedEmail
    EmailChangeConfirmationEmail
    EmailChangeNoticeEmail
    EmailChangedEmail
    AccountDeletedEmail
    AccountDeletedByAdminEmail
    InvitationEmail
    ReuseDetectedEmail
    CacheInvalidation
    AvatarRenditions
    BlobCollection
    WebhookDelivery
}

/// A job on its way into a queue.
#[derive(Debug)]
pub(crate) struct QueuedTicket {
    pub(crate) queue: &'static str,
    pub(crate) idempotency_key: String,
    pub(crate) max_attempts: i32,
    pub(crate) payload: serde_json::Result<Vec<u8>>,
}

impl QueuedTicket {
    /// Everything that an event sets off.
    pub(crate) fn all(envelope: &Envelope) -> Vec<Self> {
        let jobs = reactions::to(&envelope.event).into_iter().enumerate();
        jobs.map(|(nth, job)| job.ticket(envelope, nth)).collect()
    }

    fn new<W: Work + Serialize + Clone>(
        work: &W,
        cause: &Envelope,
        idempotency_key: String,
    ) -> Self {
        let ticket =
            Ticket { work: work.clone(), event_id: cause.event_id, trace: cause.trace.clone() };
        Self {
            queue: W::QUEUE,
            idempotency_key,
            max_attempts: W::MAX_ATTEMPTS,
            payload: serde_json::to_vec(&ticket),
        }
    }
}
