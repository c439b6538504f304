//! Table `suppressions`: mailboxes that get no email, because an email to them bounced for good or was
//! complained about.

use super::prelude::*;
use crate::domain::{MailId, MailKind, Mailbox, UserId};

/// Suppresses a mailbox, if it is not yet.
///
/// The suppression is deleted with the account that has or had the address. The owner of an account
/// must not lift that of a mailbox they only wanted to change to, so it belongs to no account.
pub(crate) async fn insert(
    tx: &mut Tx,
    mailbox: Mailbox,
    reason: &str,
    (mail_id, kind): (MailId, MailKind),
    owner: Option<UserId>,
) -> Result<()> {
    let owner = owner.filter(|_| kind != MailKind::EmailChangeConfirmation);
    sqlx::query!(
        "insert into suppressions (mailbox, reason, mail_id, user_id, suppressed_at)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
        &mailbox.0[..],
        reason,
        mail_id.0,
        owner.map(|owner| owner.0),
        tx.now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Notes the mailbox that an email goes to. Returns why it is suppressed, if it is.
pub(crate) async fn check(
    tx: &mut Tx,
    mail_id: MailId,
    mailbox: Mailbox,
) -> Result<Option<String>> {
    let reason = sqlx::query_scalar!(
        "with noted as (
             update mails set mailbox = $2 where mail_id = $1 and mailbox is distinct from $2)
         select reason from suppressions where mailbox = $2",
        mail_id.0,
        &mailbox.0[..],
    );
    Ok(reason.fetch_optional(tx.sql()).await?)
}

/// Lifts the suppression of a mailbox. Returns whether there was one.
pub(crate) async fn lift(tx: &mut Tx, mailbox: Mailbox) -> Result<bool> {
    let lifted = sqlx::query!("delete from suppressions where mailbox = $1", &mailbox.0[..])
        .execute(tx.sql())
        .await?;
    Ok(lifted.rows_affected() == 1)
}

/// Lifts the suppressions that a report about an email caused. Returns whether there was one.
pub(crate) async fn lift_of_mail(tx: &mut Tx, mail_id: MailId) -> Result<bool> {
    let lifted = sqlx::query!("delete from suppressions where mail_id = $1", mail_id.0)
        .execute(tx.sql())
        .await?;
    Ok(lifted.rows_affected() > 0)
}

/// Whether an address is suppressed.
pub(crate) async fn exists(tx: &mut Tx, address: &str) -> Result<bool> {
    let mailbox = tx.app().mails.mailbox(address);
    let found = sqlx::query_scalar!(
        r#"select exists (select from suppressions where mailbox = $1) as "found!""#,
        &mailbox.0[..],
    );
    Ok(found.fetch_one(tx.sql()).await?)
}
