//! "You are invited."

use keyward_core::domain::MailId;
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    mail::{deliver, template},
    queue::{JobError, Work},
};

/// "You are invited." Goes to the address that an administrator invited. Carries an id, never a
/// token: the link is derived at the last moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationEmail {
    /// The mail in the ledger.
    pub mail_id: MailId,
}

template!(
    "invitation_email/subject.txt",
    "invitation_email/body.txt",
    "invitation_email/body.html"
);

impl Work for InvitationEmail {
    const QUEUE: &'static str = "invitation-email";

    /// Repeating is safe: every run derives the same link and keeps the same `Message-ID`.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        deliver(context, self.mail_id, render).await
    }
}
