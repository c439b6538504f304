//! Recording the outcome of an attempt to send an email.

use crate::{commands::prelude::*, domain::MailId};

/// Records the outcome of an attempt in the ledger. Erases the address of an accepted email; that of
/// a failed one stays for two days while its account exists, so that an operator can fix the relay
/// and requeue it. An acceptance is final, and so is a report: no later outcome replaces it.
#[derive(Clone)]
pub struct RecordEmailDelivery {
    /// The email.
    pub mail_id: MailId,
    /// The outcome.
    pub delivery: EmailDeliveryOutcome,
}

/// The outcome of an attempt to send an email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailDeliveryOutcome {
    /// The relay accepted it, with this reply.
    Accepted(String),
    /// It will be tried again: the reason, and when, at the latest.
    Deferred(String, DateTime<Utc>),
    /// It will not be tried again: the reason.
    Failed(String),
}

impl Command for RecordEmailDelivery {
    type Output = ();
    const NAME: &'static str = "record_email_delivery";

    async fn handle(self, app: &App, _origin: &Origin) -> Result<()> {
        let (state, reply, next_try_at) = match self.delivery {
            EmailDeliveryOutcome::Accepted(reply) => ("accepted", reply, None),
            EmailDeliveryOutcome::Deferred(reply, at) => ("deferred", reply, Some(at)),
            EmailDeliveryOutcome::Failed(reply) => ("failed", reply, None),
        };
        sqlx::query!(
            "update mails set state = $2, reply = $3, next_try_at = $4, updated_at = $5,
                    email = case when $2 = 'deferred' or ($2 = 'failed' and user_id is not null)
                                 then email end,
                    asked_ip = case when $2 = 'deferred' or user_id is not null then asked_ip end
             where mail_id = $1 and state not in ('accepted', 'bounced', 'complained')",
            self.mail_id.0,
            state,
            reply,
            next_try_at,
            app.clock.now(),
        )
        .execute(&app.write)
        .await?;
        Ok(())
    }
}
