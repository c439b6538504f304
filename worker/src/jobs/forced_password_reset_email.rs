//! "Choose a new password", because an administrator asks for it.

use keyward_core::domain::MailId;
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    mail::{deliver, template},
    queue::{JobError, Work},
};

/// "Choose a new password", because an administrator asks for it. Carries an id, never
/// a token: the link is derived at the last moment, so no secret ever rests in the outbox, the
/// stream or the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForcedPasswordResetEmail {
    /// The mail in the ledger.
    pub mail_id: MailId,
}

template!(
    "forced_password_reset_email/subject.txt",
    "forced_password_reset_email/body.txt",
    "forced_password_reset_email/body.html"
);

impl Work for ForcedPasswordResetEmail {
    const QUEUE: &'static str = "forced-password-reset-email";

    /// Repeating is safe: every run derives the same link and keeps the same `Message-ID`.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        deliver(context, self.mail_id, render).await
    }
}
