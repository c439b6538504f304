//! Removing what nobody needs any more.

use chrono::Duration;

use crate::{App, Command, Result, domain::EndReason, origin::Origin};

/// Removes links that ended, sessions that ended long ago, what was written down for addresses
/// without an account, the address of mails that nobody tries to send any more, and old deliveries
/// to webhooks. Announces nothing: to everybody outside these have been gone before.
#[derive(Debug)]
pub struct RemoveExpired;

/// Links and the traces of unknown addresses are kept for a day after their end, for the case that
/// somebody asks what happened.
const KEEP_LINKS: Duration = Duration::days(1);

/// A mail is tried for about a day, at least once an hour: one that was begun and not invalidations for so
/// long was given up by its job.
const TRIED_FOR: Duration = Duration::days(2);

/// A delivery to a webhook is tried at least once a day: one that nobody has invalidations for so long was
/// given up by its job.
const DELIVERED_WITHIN: Duration = Duration::days(2);

/// What became of a delivery can be read, and it can be asked for once more, for so long.
const KEEP_DELIVERIES: Duration = Duration::days(30);

impl Command for RemoveExpired {
    /// How many rows were removed.
    type Output = u64;
    const NAME: &'static str = "remove_expired";

    async fn handle(self, app: &App, origin: &Origin) -> Result<u64> {
        let mut tx = app.begin(origin).await?;
        let now = tx.now;
        sqlx::query!(
            "update mails set state = 'expired', email = null, next_try_at = null,
                    asked_ip = case when user_id is not null then asked_ip end
             where state in ('sending', 'deferred') and updated_at < $1",
            now - TRIED_FOR,
        )
        .execute(tx.sql())
        .await?;
        sqlx::query!(
            "update mails set email = null, asked_ip = case when user_id is not null then asked_ip end
             where state = 'failed' and email is not null and updated_at < $1",
            now - TRIED_FOR,
        )
        .execute(tx.sql())
        .await?;
        let mails = sqlx::query!(
            // That of an open invitation stands in the list of invitations.
            "delete from mails where user_id is null and email is null and asked_at < $1
                    and state not in ('planned', 'sending', 'deferred')
                    and not exists (select from invitations
                                    where invitations.link_id = mails.link_id)",
            now - KEEP_LINKS,
        )
        .execute(tx.sql())
        .await?;
        // A mail that is still to be sent may renew its link.
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
            now - DELIVERED_WITHIN,
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
        let removed = [mails, links, changes, sessions, deliveries];
        Ok(removed.iter().map(sqlx::postgres::PgQueryResult::rows_affected).sum())
    }
}
