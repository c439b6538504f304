//! "Your account was deleted."

use askama::Error;
use keyward_core::domain::{MailId, MailKind};
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    mail::{Facts, Rendered, deliver, template},
    queue::{JobError, Work},
};

/// "Your account was deleted." Goes to the address that the account had, and to older ones that
/// could have taken a change of address back; the ledger alone still knows them, until the mail is
/// accepted or given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDeletedEmail {
    /// The mail in the ledger.
    pub mail_id: MailId,
}

mod present {
    super::template!(
        "account_deleted_email/subject.txt",
        "account_deleted_email/body.txt",
        "account_deleted_email/body.html"
    );
}

mod former {
    super::template!(
        "account_deleted_email/former_subject.txt",
        "account_deleted_email/former_body.txt",
        "account_deleted_email/former_body.html"
    );
}

fn render(mail: &Facts) -> Result<Rendered, Error> {
    match mail.kind {
        MailKind::FormerAccountDeleted => former::render(mail),
        _ => present::render(mail),
    }
}

impl Work for AccountDeletedEmail {
    const QUEUE: &'static str = "account-deleted-email";

    /// Repeating is safe: every run keeps the same `Message-ID`.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        deliver(context, self.mail_id, render).await
    }
}
