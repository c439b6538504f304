//! A webhook.

use sqlx::PgConnection;

use super::prelude::*;
use crate::domain::{DisableReason, WebhookId};

/// Returns a webhook, for administrators.
///
/// Refused with [`WebhookNotFound`](Refusal::WebhookNotFound).
pub struct GetWebhook {
    /// The administrator.
    pub by: Administrator,
    /// The webhook.
    pub webhook_id: WebhookId,
}

/// A webhook: an endpoint that receives events. Never its secret.
#[derive(Debug, Clone)]
pub struct WebhookView {
    /// The webhook.
    pub id: WebhookId,
    /// The URL of the endpoint.
    pub url: String,
    /// What the endpoint is for, in an administrator's words.
    pub description: String,
    /// The event types that are sent to it; empty for all.
    pub types: Vec<String>,
    /// When the webhook was disabled; `None` while it is enabled.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Why the webhook was disabled.
    pub disabled_reason: Option<DisableReason>,
    /// When the first delivery failed since the last successful one.
    pub failing_since: Option<DateTime<Utc>>,
    /// When the secret was last rotated.
    pub rotated_at: Option<DateTime<Utc>>,
    /// When the webhook was created.
    pub created_at: DateTime<Utc>,
    /// When the webhook was last changed.
    pub updated_at: DateTime<Utc>,
}

impl WebhookView {
    /// A webhook as it was created.
    #[must_use]
    pub fn created(
        (id, created_at): (WebhookId, DateTime<Utc>),
        (url, description, types): (String, String, Vec<String>),
    ) -> Self {
        Self {
            id,
            url,
            description,
            types,
            disabled_at: None,
            disabled_reason: None,
            failing_since: None,
            rotated_at: None,
            created_at,
            updated_at: created_at,
        }
    }
}

impl Query for GetWebhook {
    type View = WebhookView;
    const NAME: &'static str = "get_webhook";

    async fn handle(self, app: &App) -> Result<WebhookView> {
        read(&mut *app.read_as(self.by).await?, self.webhook_id).await
    }
}

/// Reads a webhook.
///
/// # Errors
///
/// [`Refusal::WebhookNotFound`].
pub(super) async fn read(sql: &mut PgConnection, id: WebhookId) -> Result<WebhookView> {
    let found = sqlx::query_as!(
        WebhookView,
        r#"select webhook_id as "id: WebhookId", url, description, types, disabled_at,
                  disabled_reason as "disabled_reason: DisableReason", failing_since, rotated_at,
                  created_at, updated_at
           from webhooks where webhook_id = $1"#,
        id.0,
    )
    .fetch_optional(sql)
    .await?;
    Ok(found.ok_or(Refusal::WebhookNotFound)?)
}
