//! Deleting a webhook.

use super::prelude::*;
use crate::domain::WebhookId;

/// Deletes a webhook and the list of its deliveries. A delivery that is under way may still arrive.
///
/// Refused with [`WebhookNotFound`](crate::Refusal::WebhookNotFound).
pub struct DeleteWebhook {
    /// The administrator.
    pub by: Administrator,
    /// The webhook.
    pub webhook_id: WebhookId,
}

impl Command for DeleteWebhook {
    type Output = ();
    const NAME: &'static str = "delete_webhook";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, webhook_id } = self;
        let (mut tx, _) = webhooks::begin(app, origin, by, webhook_id).await?;
        sqlx::query!("delete from webhooks where webhook_id = $1", webhook_id.0)
            .execute(tx.sql())
            .await?;
        tx.emit(Event::WebhookDeleted { webhook_id, actor_id: by.id() });
        tx.commit().await
    }
}
