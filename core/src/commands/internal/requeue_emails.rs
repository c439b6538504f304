//! Sending emails again.

use crate::{
    commands::prelude::*,
    domain::{MailId, MailKind},
};

/// Plans failed and bounced and, on request, accepted emails again, except those whose link was used or
/// replaced.
///
/// The email stays the same: `Message-ID`, link and recipient. If the recipient has been erased, an
/// email to the owner of an account goes to the account's present address, and any other email is
/// not sent. [`StartEmailDelivery`](super::StartEmailDelivery) says what applies to late emails.
///
/// Returns the number of planned emails.
pub struct RequeueEmails {
    /// The emails.
    pub mail_ids: Vec<MailId>,
    /// Includes emails that the relay has accepted.
    pub accepted_too: bool,
}

impl Command for RequeueEmails {
    type Output = u64;
    const NAME: &'static str = "requeue_emails";

    async fn handle(self, app: &App, _origin: &Origin) -> Result<u64> {
        let to_owners: Vec<String> = MailKind::ALL
            .iter()
            .filter(|kind| kind.goes_to_the_owner())
            .map(|kind| kind.as_str().to_owned())
            .collect();
        let ids: Vec<_> = self.mail_ids.iter().map(|id| id.0).collect();
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
                   and (state in ('failed', 'expired', 'bounced') or ($4 and state = 'accepted'))",
            &ids,
            app.clock.now(),
            &to_owners,
            self.accepted_too,
        )
        .execute(&app.write)
        .await?;
        Ok(planned.rows_affected())
    }
}
