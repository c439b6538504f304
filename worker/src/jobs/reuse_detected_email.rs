//! "A session of yours was ended."

use keyward_core::domain::MailId;
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    mail::{deliver, template},
    queue::{JobError, Work},
};

/// "A session of yours was ended." Sent to the owner when a refresh token comes that had been
/// replaced before: two parties hold tokens of one session (RFC 9700, section 4.14.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReuseDetectedEmail {
    /// The mail in the ledger.
    pub mail_id: MailId,
}

template!(
    "reuse_detected_email/subject.txt",
    "reuse_detected_email/body.txt",
    "reuse_detected_email/body.html"
);

impl Work for ReuseDetectedEmail {
    const QUEUE: &'static str = "reuse-detected-email";

    /// Repeating is safe: every run keeps the same `Message-ID`.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        deliver(context, self.mail_id, render).await
    }
}
