//! Testing a webhook.

use super::prelude::*;
use crate::domain::WebhookId;

/// Sends a test event to a webhook, whatever its event types.
///
/// Refused with [`WebhookNotFound`](crate::Refusal::WebhookNotFound) and
/// [`WebhookDisabled`](crate::Refusal::WebhookDisabled).
pub struct PingWebhook {
    /// The administrator.
    pub by: Administrator,
    /// The webhook.
    pub webhook_id: WebhookId,
}

impl Command for PingWebhook {
    type Output = ();
    const NAME: &'static str = "ping_webhook";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, webhook_id } = self;
        let mut tx = webhooks::begin_enabled(app, origin, by, webhook_id).await?;
        tx.emit(Event::WebhookPing { webhook_id, actor_id: by.id() });
        tx.complete(()).await
    }
}
