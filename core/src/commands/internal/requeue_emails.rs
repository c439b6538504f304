//! Sending mails once more.

use crate::{
    App, Command, Result,
    domain::{MailId, MailKind},
    origin::Origin,
};

/// Plans mails once more that were given up or, if somebody wants it so, were accepted before. Says
/// how many are to be sent now: not those whose link was used or replaced.
///
/// Each is the same mail: the same `Message-ID`, the same link, and no other address than the one it
/// was planned for. Where that is not known any more, a mail to the owner of an account goes to the
/// address the account has now, and any other one is not sent. What holds for late mails holds for
/// this one, too: see [`StartEmailDelivery`](super::StartEmailDelivery).
#[derive(Debug)]
pub struct RequeueEmails {
    /// The mails.
    pub mail_ids: Vec<MailId>,
    /// Also if the relay has accepted it before.
    pub accepted_too: bool,
}

impl Command for RequeueEmails {
    type Output = u64;
    const NAME: &'static str = "requeue_emails";

    async fn handle(self, app: &App, origin: &Origin) -> Result<u64> {
        let to_owners: Vec<String> = MailKind::ALL
            .iter()
            .filter(|kind| kind.goes_to_the_owner())
            .map(|kind| kind.as_str().to_owned())
            .collect();
        let ids: Vec<_> = self.mail_ids.iter().map(|id| id.0).collect();
        let mut tx = app.begin(origin).await?;
        let now = tx.now;
        let planned = sqlx::query!(
            "update mails
             set state = 'planned', attempts = 0, next_try_at = null, updated_at = $2,
                 email = address
             from (select mail_id as id, coalesce(mails.email, users.email) as address
                   from mails left join users on users.user_id = mails.user_id and kind = any($3)
                   where mail_id = any($1)) as known
             where mail_id = id and address is not null
                   and not exists (select from links where links.link_id = mails.link_id
                                   and (used_at is not null or revoked_at is not null))
                   and (state in ('failed', 'expired') or ($4 and state = 'accepted'))",
            &ids,
            now,
            &to_owners,
            self.accepted_too,
        )
        .execute(tx.sql())
        .await?;
        tx.commit().await?;
        Ok(planned.rows_affected())
    }
}
