//! Table `webhooks`.

use super::{administrators, prelude::*};
use crate::domain::WebhookId;

/// A webhook whose row is locked until the unit of work ends.
#[derive(Debug)]
pub(crate) struct LockedWebhook {
    pub(crate) generation: i32,
    pub(crate) is_enabled: bool,
}

/// Begins a unit of work in which `by` is an administrator and a webhook is locked.
///
/// # Errors
///
/// As [`Administrator::check`]; then [`Refusal::WebhookNotFound`].
pub(crate) async fn begin(
    app: &App,
    origin: &Origin,
    by: Administrator,
    id: WebhookId,
) -> Result<(Tx, LockedWebhook)> {
    let mut tx = administrators::begin(app, origin, by).await?;
    let webhook = sqlx::query_as!(
        LockedWebhook,
        r#"select generation, disabled_at is null as "is_enabled!"
           from webhooks where webhook_id = $1 for no key update"#,
        id.0,
    )
    .fetch_optional(tx.sql())
    .await?;
    Ok((tx, webhook.ok_or(Refusal::WebhookNotFound)?))
}

/// As [`begin`], for commands that need an enabled webhook.
///
/// # Errors
///
/// Also [`Refusal::WebhookDisabled`].
pub(crate) async fn begin_enabled(
    app: &App,
    origin: &Origin,
    by: Administrator,
    id: WebhookId,
) -> Result<Tx> {
    let (tx, webhook) = begin(app, origin, by, id).await?;
    if webhook.is_enabled { Ok(tx) } else { Err(Refusal::WebhookDisabled.into()) }
}
