//! Deleting expired rows.

use chrono::Duration;

use crate::{commands::prelude::*, domain::EndReason};

/// Deletes expired links and sessions, dummy rows for addresses without an account, and old webhook
/// deliveries, and erases the addresses of emails that are no longer tried. Emits no event: no view
/// shows these rows any longer. Returns the number of deleted rows.
pub struct RemoveExpired;

/// How long expired links and dummy rows are kept, for investigations.
const KEEP_LINKS: Duration = Duration::days(1);

/// When the job of an email counts as dead. It tries for about a day, at least once an hour.
const EMAIL_TRIED_FOR: Duration = Duration::days(2);

/// When the job of a webhook delivery counts as dead. It tries at least once a day.
const DELIVERY_TRIED_FOR: Duration = Duration::days(2);

/// How long an ended webhook delivery can be read and requested again.
const KEEP_DELIVERIES: Duration = Duration::days(30);

impl Command for RemoveExpired {
    type Output = u64;
    const NAME: &'static str = "remove_expired";

    async fn handle(self, app: &App, origin: &Origin) -> Result<u64> {
        let mut tx = app.begin(origin).await?;
        let now = tx.now;
        sqlx::query!(
            "update mails
             set state = case when state = 'failed' then state else 'expired' end, email = null,
                 next_try_at = null, asked_ip = case when user_id is not null then asked_ip end
             where (state in ('sending', 'deferred') or (state = 'failed' and email is not null))
                   and updated_at < $1",
            now - EMAIL_TRIED_FOR,
        )
        .execute(tx.sql())
        .await?;
        let mails = sqlx::query!(
            // The list of invitations shows the email of an open one.
            "delete from mails where user_id is null and email is null and asked_at < $1
                    and state not in ('planned', 'sending', 'deferred')
                    and not exists (select from invitations
                                    where invitations.link_id = mails.link_id)",
            now - KEEP_LINKS,
        )
        .execute(tx.sql())
        .await?;
        // An email that is still to be sent may renew its link.
        let links = sqlx::query!(
            "delete from links
             where greatest(expires_at, created_at + interval '1 day') < $1
                   and not exists (select from mails where mails.link_id = links.link_id
                                   and state in ('planned', 'sending', 'deferred'))",
            now - KEEP_LINKS,
        )
        .execute(tx.sql())
        .await?;
        let changes = sqlx::query!(
            "delete from email_changes where not exists (
                 select from links where links.change_id = email_changes.change_id)",
        )
        .execute(tx.sql())
        .await?;
        let sessions = sqlx::query!(
            "delete from sessions
             where case when ended_at is null then expires_at < $1 or last_used_at < $2
                        else ended_at < $1 end",
            now - EndReason::READABLE_FOR,
            now - EndReason::READABLE_FOR - app.settings.life.session_idle,
        )
        .execute(tx.sql())
        .await?;
        sqlx::query!(
            "update webhook_deliveries set state = 'failed', next_try_at = null
             where state = 'pending' and updated_at < $1",
            now - DELIVERY_TRIED_FOR,
        )
        .execute(tx.sql())
        .await?;
        let deliveries = sqlx::query!(
            "delete from webhook_deliveries where updated_at < $1 and state <> 'pending'",
            now - KEEP_DELIVERIES,
        )
        .execute(tx.sql())
        .await?;
        tx.commit().await?;
        let deleted = [mails, links, changes, sessions, deliveries];
        Ok(deleted.iter().map(sqlx::postgres::PgQueryResult::rows_affected).sum())
    }
}
