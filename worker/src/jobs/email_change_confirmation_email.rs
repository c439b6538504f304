//! "Please confirm your new address."

use keyward_core::domain::MailId;
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    mail::{deliver, template},
    queue::{JobError, Work},
};

/// "Please confirm your new address." Carries an id, never a token: the link is derived at the last
/// moment, so no secret ever rests in the outbox, the stream or the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailChangeConfirmationEmail {
    /// The mail in the ledger.
    pub mail_id: MailId,
}

template!(
    "email_change_confirmation_email/subject.txt",
    "email_change_confirmation_email/body.txt",
    "email_change_confirmation_email/body.html"
);

impl Work for EmailChangeConfirmationEmail {
    const QUEUE: &'static str = "email-change-confirmation-email";

    /// Repeating is safe: every run derives the same link and keeps the same `Message-ID`.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        deliver(context, self.mail_id, render).await
    }
}
