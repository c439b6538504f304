//! Mailboxes that get no email, until an operator or an administrator lifts it.

use keyward_core::{
    App,
    commands::internal::LiftSuppression,
    domain::{EmailAddress, MailId},
    origin::Origin,
};
use uuid::Uuid;

pub use super::store::suppressions::Suppression;
use super::{actions::ActingOperator, store::suppressions};

/// Up to `limit` suppressions, those of the latest emails first, from before the email `before` on.
///
/// # Errors
///
/// If Postgres is unreachable.
pub async fn list(app: &App, before: Option<Uuid>, limit: i64) -> anyhow::Result<Vec<Suppression>> {
    let mut sql = app.read.acquire().await?;
    Ok(suppressions::list(&mut sql, before, limit).await?)
}

/// Lifts the suppression that a report about an email caused. Returns whether there was one.
///
/// # Errors
///
/// If Postgres is unreachable.
pub async fn lift(app: &App, actor: &ActingOperator, mail_id: MailId) -> anyhow::Result<bool> {
    let target = format!("the mailbox of email {mail_id}");
    audited(app, actor, &target, LiftSuppression::OfMail(mail_id)).await
}

/// Lifts the suppression of an address. Returns whether there was one. The audit log does not name the
/// address.
///
/// # Errors
///
/// If Postgres is unreachable.
pub async fn lift_of_address(
    app: &App,
    actor: &ActingOperator,
    address: EmailAddress,
) -> anyhow::Result<bool> {
    audited(app, actor, "a mailbox", LiftSuppression::OfAddress(address)).await
}

async fn audited(
    app: &App,
    actor: &ActingOperator,
    target: &str,
    lift: LiftSuppression,
) -> anyhow::Result<bool> {
    let run = async { Ok(i64::from(app.execute(lift, &Origin::default()).await?)) };
    Ok(actor.audited(app, "unsuppress", target, run).await? == 1)
}
