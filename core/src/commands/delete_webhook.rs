//! Deleting an endpoint.

use crate::{
    App, Command, Result, administrator::Administrator, domain::WebhookId, events::Event,
    origin::Origin, store::webhooks,
};

/// Deletes an endpoint and the list of its deliveries. What is being sent to it at this moment may
/// still arrive.
///
/// Refused with [`WebhookNotFound`](crate::Refusal::WebhookNotFound).
#[derive(Debug)]
pub struct DeleteWebhook {
    /// Who asks.
    pub by: Administrator,
    /// Which endpoint.
    pub webhook_id: WebhookId,
}

impl Command for DeleteWebhook {
    type Output = ();
    const NAME: &'static str = "delete_webhook";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        webhooks::lock(&mut tx, self.by, self.webhook_id).await?;
        sqlx::query!("delete from webhooks where webhook_id = $1", self.webhook_id.0)
            .execute(tx.sql())
            .await?;
        let (webhook_id, actor_id) = (self.webhook_id, self.by.user_id());
        tx.emit(Event::WebhookDeleted { webhook_id, actor_id });
        tx.commit().await
    }
}
