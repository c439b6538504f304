//! Writing down what became of a mail.

use chrono::{DateTime, Utc};

use crate::{App, Command, Result, domain::MailId, origin::Origin};

/// Writes down in the ledger what the relay said, and wipes the address when it was accepted. That of
/// a mail that failed stays for two days, as long as its account is there: somebody may mend the relay
/// and send it again. An acceptance is final: nothing that comes later replaces it.
#[derive(Debug)]
pub struct RecordEmailDelivery {
    /// The mail.
    pub mail_id: MailId,
    /// What became of it.
    pub delivery: EmailDeliveryOutcome,
}

/// What became of an attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailDeliveryOutcome {
    /// The relay took it over; its words.
    Accepted(String),
    /// Not now: the reason, and when it is tried again, at the latest.
    Deferred(String, DateTime<Utc>),
    /// Never, or not any more: the reason.
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
             where mail_id = $1 and state <> 'accepted'",
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
