//! Mails that a person does not want sent any more.

use crate::{App, Command, Result, domain::MailId, origin::Origin};

/// Gives mails up that are still to be sent, with the reason. They can be planned again as any other
/// that failed: see [`RequeueEmails`](super::RequeueEmails).
#[derive(Debug)]
pub struct DiscardEmails {
    /// The mails.
    pub mail_ids: Vec<MailId>,
    /// Why; stands in the ledger where the relay's words would.
    pub reason: &'static str,
}

impl Command for DiscardEmails {
    /// How many were still to be sent.
    type Output = u64;
    const NAME: &'static str = "discard_emails";

    async fn handle(self, app: &App, _origin: &Origin) -> Result<u64> {
        let ids: Vec<_> = self.mail_ids.iter().map(|id| id.0).collect();
        let given_up = sqlx::query!(
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
        Ok(given_up.rows_affected())
    }
}
