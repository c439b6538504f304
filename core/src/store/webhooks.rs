//! Table `webhooks`: the endpoints.

use chrono::{DateTime, Utc};

use crate::{
    Refusal, Result,
    administrator::Administrator,
    app::Tx,
    domain::{DisableReason, WebhookId},
    store::administrators,
};

/// An endpoint whose row is locked until the end of the transaction.
pub(crate) struct Locked {
    pub(crate) url: String,
    pub(crate) description: String,
    pub(crate) types: Vec<String>,
    pub(crate) generation: i32,
    pub(crate) disabled: Option<(DateTime<Utc>, DisableReason)>,
    pub(crate) failing_since: Option<DateTime<Utc>>,
}

/// Checks that `by` may administer, and locks an endpoint.
///
/// # Errors
///
/// As [`Administrator::check`]; then [`Refusal::WebhookNotFound`].
pub(crate) async fn lock(tx: &mut Tx, by: Administrator, id: WebhookId) -> Result<Locked> {
    administrators::authorize(tx, by).await?;
    let row = sqlx::query!(
        "select url, description, types, generation, disabled_at, disabled_reason, failing_since
         from webhooks where webhook_id = $1 for no key update",
        id.0,
    )
    .fetch_optional(tx.sql())
    .await?
    .ok_or(Refusal::WebhookNotFound)?;
    let reason = row.disabled_reason.map(|reason| reason.parse()).transpose()?;
    Ok(Locked {
        url: row.url,
        description: row.description,
        types: row.types,
        generation: row.generation,
        disabled: row.disabled_at.zip(reason),
        failing_since: row.failing_since,
    })
}

/// As [`lock`], for what makes no sense while nothing is sent.
///
/// # Errors
///
/// [`Refusal::WebhookDisabled`], besides.
pub(crate) async fn lock_enabled(tx: &mut Tx, by: Administrator, id: WebhookId) -> Result<Locked> {
    let webhook = lock(tx, by, id).await?;
    if webhook.disabled.is_some() { Err(Refusal::WebhookDisabled.into()) } else { Ok(webhook) }
}
