//! "Your address was changed."

use keyward_core::domain::MailId;
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    mail::{deliver, template},
    queue::{JobError, Work},
};

/// "Your address was changed." Goes to the old address, with the link that takes the change back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailChangedEmail {
    /// The mail in the ledger.
    pub mail_id: MailId,
}

template!(
    "email_changed_email/subject.txt",
    "email_changed_email/body.txt",
    "email_changed_email/body.html"
);

impl Work for EmailChangedEmail {
    const QUEUE: &'static str = "email-changed-email";

    /// Repeating is safe: every run derives the same link and keeps the same `Message-ID`.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        deliver(context, self.mail_id, render).await
    }
}
