//! "You already have an account."

use keyward_core::domain::MailId;
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    mail::{deliver, template},
    queue::{JobError, Work},
};

/// "You already have an account." Sent to the owner when somebody registers the address again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlreadyRegisteredEmail {
    /// The mail in the ledger.
    pub mail_id: MailId,
}

template!(
    "already_registered_email/subject.txt",
    "already_registered_email/body.txt",
    "already_registered_email/body.html"
);

impl Work for AlreadyRegisteredEmail {
    const QUEUE: &'static str = "already-registered-email";

    /// Repeating is safe: every run keeps the same `Message-ID`.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        deliver(context, self.mail_id, render).await
    }
}
