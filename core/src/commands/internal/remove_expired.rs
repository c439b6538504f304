//! Deleting expired rows.

use chrono::Duration;

use crate::{
    commands::prelude::*,
    domain::{EndReason, EventId},
};

/// Deletes expired links and sessions, dummy rows for addresses without an account, old emails, webhook
/// deliveries, dead letters and revoked service tokens, and erases the addresses of emails that are no
/// longer tried. Emits no event: no view shows these rows any longer.
///
/// Each statement is a transaction of its own, changes at most 1,000 rows, finds them by an index,
/// and skips rows that another transaction has locked. Returns the number of changed rows: 0 when
/// nothing is left.
pub struct RemoveExpired;

/// The maximum number of rows per statement.
const BATCH: i64 = 1_000;

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

    async fn handle(self, app: &App, _: &Origin) -> Result<u64> {
        let now = app.clock.now();
        let life = &app.settings.life;
        let statements = [
            // An array and a scalar subquery: Postgres reads the few rows by their key, whatever it
            // expects of the table.
            sqlx::query!(
                "update mails
                 set state = case when state = 'failed' then state else 'expired' end, email = null,
                     next_try_at = null, asked_ip = case when user_id is not null then asked_ip end
                 where mail_id = any(array(
                     select mail_id from mails
                     where (state in ('sending', 'deferred')
                            or (state = 'failed' and email is not null)) and updated_at < $1
                     order by updated_at limit $2 for update skip locked))",
                now - EMAIL_TRIED_FOR,
                BATCH,
            ),
            sqlx::query!(
                // The list of invitations shows the email of an open one.
                "delete from mails where mail_id = any(array(
                     select mail_id from mails
                     where user_id is null and email is null and asked_at < $1
                           and state not in ('planned', 'sending', 'deferred')
                           and (select true from invitations
                                where invitations.link_id = mails.link_id) is null
                     order by asked_at limit $2 for update skip locked))",
                now - KEEP_LINKS,
                BATCH,
            ),
            sqlx::query!(
                "delete from mails where mail_id = any(array(
                     select mail_id from mails
                     where mail_id < $1 and state not in ('planned', 'sending', 'deferred')
                     order by mail_id limit $2 for update skip locked))",
                // Ids of all kinds begin with their time.
                EventId::first_at(now - life.mails).0,
                BATCH,
            ),
            // An email that is still to be sent may renew its link.
            sqlx::query!(
                "delete from links where link_id = any(array(
                     select link_id from links
                     where expires_at < $1 and created_at + interval '1 day' < $1
                           and (select true from mails where mails.link_id = links.link_id
                                and state in ('planned', 'sending', 'deferred') limit 1) is null
                     order by expires_at limit $2 for update skip locked))",
                now - KEEP_LINKS,
                BATCH,
            ),
            sqlx::query!(
                "delete from email_changes where change_id = any(array(
                     select change_id from email_changes
                     where change_id < $1
                           and (select true from links
                                where links.change_id = email_changes.change_id limit 1) is null
                     order by change_id limit $2 for update skip locked))",
                EventId::first_at(now - KEEP_LINKS).0,
                BATCH,
            ),
            sqlx::query!(
                "delete from sessions where session_id = any(array(
                     select session_id from sessions where ended_at < $1
                     order by ended_at limit $2 for update skip locked))",
                now - EndReason::READABLE_FOR,
                BATCH,
            ),
            // Expired without an end: an index by last use would be written with each refresh.
            sqlx::query!(
                "delete from sessions where session_id = any(array(
                     select session_id from sessions where session_id < $1
                     order by session_id limit $2 for update skip locked))",
                EventId::first_at(now - EndReason::READABLE_FOR - life.session_absolute).0,
                BATCH,
            ),
            sqlx::query!(
                "update webhook_deliveries set state = 'failed', next_try_at = null
                 where delivery_id = any(array(
                     select delivery_id from webhook_deliveries
                     where state = 'pending' and updated_at < $1
                     order by updated_at limit $2 for update skip locked))",
                now - DELIVERY_TRIED_FOR,
                BATCH,
            ),
            sqlx::query!(
                "delete from webhook_deliveries where delivery_id = any(array(
                     select delivery_id from webhook_deliveries
                     where updated_at < $1 and state <> 'pending'
                     order by updated_at limit $2 for update skip locked))",
                now - KEEP_DELIVERIES,
                BATCH,
            ),
            sqlx::query!(
                "delete from service_tokens where service_token_id = any(array(
                     select service_token_id from service_tokens where revoked_at < $1
                     order by revoked_at limit $2 for update skip locked))",
                now - life.audit,
                BATCH,
            ),
            // Those of an account stay with it.
            sqlx::query!(
                "delete from suppressions where mailbox = any(array(
                     select mailbox from suppressions where user_id is null and suppressed_at < $1
                     order by suppressed_at limit $2 for update skip locked))",
                now - life.audit,
                BATCH,
            ),
            sqlx::query!(
                "delete from dead_letters where dead_letter_id = any(array(
                     select dead_letter_id from dead_letters where dead_letter_id < $1
                     order by dead_letter_id limit $2 for update skip locked))",
                EventId::first_at(now - life.audit).0,
                BATCH,
            ),
        ];
        let mut changed = 0;
        for statement in statements {
            changed += statement.execute(&app.write).await?.rows_affected();
        }
        Ok(changed)
    }
}
