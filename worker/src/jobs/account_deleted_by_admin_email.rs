//! "Your account was deleted", because an administrator did it.

use keyward_core::domain::MailId;
use serde::{Deserialize, Serialize};

use crate::{
    context::JobContext,
    mail::{deliver, template},
    queue::{JobError, Work},
};

/// "Your account was deleted", because an administrator did it. Goes to the address that the account
/// had; the ledger alone still knows it, until the mail is accepted or given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDeletedByAdminEmail {
    /// The mail in the ledger.
    pub mail_id: MailId,
}

template!(
    "account_deleted_by_admin_email/subject.txt",
    "account_deleted_by_admin_email/body.txt",
    "account_deleted_by_admin_email/body.html"
);

impl Work for AccountDeletedByAdminEmail {
    const QUEUE: &'static str = "account-deleted-by-admin-email";

    /// Repeating is safe: every run keeps the same `Message-ID`.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        deliver(context, self.mail_id, render).await
    }
}
