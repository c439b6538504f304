//! "Your password was changed."

use keyward_core::domain::MailId;
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    mail::{deliver, template},
    queue::{JobError, Work},
};

/// "Your password was changed." Sent to the owner after every change, so that none goes unseen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChangedEmail {
    /// The mail in the ledger.
    pub mail_id: MailId,
}

template!(
    "password_changed_email/subject.txt",
    "password_changed_email/body.txt",
    "password_changed_email/body.html"
);

impl Work for PasswordChangedEmail {
    const QUEUE: &'static str = "password-changed-email";

    /// Repeating is safe: every run keeps the same `Message-ID`.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        deliver(context, self.mail_id, render).await
    }
}
