//! "Please confirm your address."

use keyward_core::domain::MailId;
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    mail::{deliver, template},
    queue::{JobError, Work},
};

/// "Please confirm your address." Carries an id, never a token: the link is derived at the last moment, so no
/// secret ever rests in the outbox, the stream or the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerificationEmail {
    /// The mail in the ledger.
    pub mail_id: MailId,
}

template!(
    "verification_email/subject.txt",
    "verification_email/body.txt",
    "verification_email/body.html"
);

impl Work for VerificationEmail {
    const QUEUE: &'static str = "verification-email";

    /// Repeating is safe: every run derives the same link and keeps the same `Message-ID`.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        deliver(context, self.mail_id, render).await
    }
}
