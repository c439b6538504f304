//! Trying an endpoint.

use crate::{
    App, Command, Result, administrator::Administrator, domain::WebhookId, events::Event,
    origin::Origin, store::webhooks,
};

/// Sends an endpoint something that means nothing, whatever types it wants.
///
/// Refused with [`WebhookNotFound`](crate::Refusal::WebhookNotFound) and
/// [`WebhookDisabled`](crate::Refusal::WebhookDisabled).
#[derive(Debug)]
pub struct PingWebhook {
    /// Who asks.
    pub by: Administrator,
    /// Which endpoint.
    pub webhook_id: WebhookId,
}

impl Command for PingWebhook {
    type Output = ();
    const NAME: &'static str = "ping_webhook";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        webhooks::lock_enabled(&mut tx, self.by, self.webhook_id).await?;
        let (webhook_id, actor_id) = (self.webhook_id, self.by.user_id());
        tx.emit(Event::WebhookPing { webhook_id, actor_id });
        tx.commit().await
    }
}
