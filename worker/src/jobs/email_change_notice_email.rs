//! "Your address is about to change."

use keyward_core::domain::MailId;
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    mail::{deliver, template},
    queue::{JobError, Work},
};

/// "Your address is about to change." Goes to the present address, with a link that stops the change
/// and that takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailChangeNoticeEmail {
    /// The mail in the ledger.
    pub mail_id: MailId,
}

template!(
    "email_change_notice_email/subject.txt",
    "email_change_notice_email/body.txt",
    "email_change_notice_email/body.html"
);

impl Work for EmailChangeNoticeEmail {
    const QUEUE: &'static str = "email-change-notice-email";

    /// Repeating is safe: every run derives the same link and keeps the same `Message-ID`.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        deliver(context, self.mail_id, render).await
    }
}
