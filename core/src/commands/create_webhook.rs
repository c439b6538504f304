//! Creating a webhook.

use super::prelude::*;
use crate::{
    domain::{Description, WebhookId, WebhookUrl},
    events::EventFilter,
};

/// Creates a webhook. Events that occur from now on are sent to its endpoint. Returns the webhook, and
/// when it was created. The generation of its secret is [`FIRST_GENERATION`](Self::FIRST_GENERATION).
pub struct CreateWebhook {
    /// The administrator.
    pub by: Administrator,
    /// The URL of the endpoint.
    pub url: WebhookUrl,
    /// What the endpoint is for.
    pub description: Description,
    /// The events that are sent to it.
    pub filter: EventFilter,
}

impl CreateWebhook {
    /// The generation of the secret that signs deliveries until it is rotated.
    pub const FIRST_GENERATION: i32 = 1;
}

impl Command for CreateWebhook {
    type Output = (WebhookId, DateTime<Utc>);
    const NAME: &'static str = "create_webhook";

    async fn handle(self, app: &App, origin: &Origin) -> Result<(WebhookId, DateTime<Utc>)> {
        let webhook_id = WebhookId::new();
        let mut tx = administrators::begin(app, origin, self.by).await?;
        let now = tx.now;
        sqlx::query!(
            "insert into webhooks (webhook_id, url, description, types, generation, created_at,
                                   updated_at)
             values ($1, $2, $3, $4, $5, $6, $6)",
            webhook_id.0,
            self.url.as_str(),
            self.description.as_str(),
            self.filter.types(),
            Self::FIRST_GENERATION,
            now,
        )
        .execute(tx.sql())
        .await?;
        tx.emit(Event::WebhookCreated { webhook_id, actor_id: self.by.id() });
        tx.complete((webhook_id, now)).await
    }
}
