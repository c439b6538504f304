//! Discarding emails.

use crate::{commands::prelude::*, domain::MailId};

/// Discards emails that are still to be sent. [`RequeueEmails`](super::RequeueEmails) plans them again,
/// as any other failed email. Returns the number of discarded emails.
pub struct DiscardEmails {
    /// The emails.
    pub mail_ids: Vec<MailId>,
    /// Why; stored in the place of the relay's reply.
    pub reason: &'static str,
}

impl Command for DiscardEmails {
    type Output = u64;
    const NAME: &'static str = "discard_emails";

    async fn handle(self, app: &App, _origin: &Origin) -> Result<u64> {
        let ids: Vec<_> = self.mail_ids.iter().map(|id| id.0).collect();
        let discarded = sqlx::query!(
            "update mails set state = 'failed', reply = $2, next_try_at = null, updated_at = $3,
                    email = case when user_id is not null then email end,
                    asked_ip = case when user_id is not null then asked_ip end
             where mail_id = any($1) and state in ('planned', 'sending', 'deferred')",
            &ids,
            self.reason,
            app.clock.now(),
        )
        .execute(&app.write)
        .await?;
        Ok(discarded.rows_affected())
    }
}
