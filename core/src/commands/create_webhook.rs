//! Creating a webhook.

use super::prelude::*;
use crate::{
    domain::{Description, WebhookId, WebhookSecret, WebhookUrl},
    events::EventFilter,
};

/// Creates a webhook. Events that occur from now on are sent to its endpoint. Returns the webhook, and
/// the secret that signs its deliveries: shown now and never again.
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

impl Command for CreateWebhook {
    type Output = (WebhookId, WebhookSecret);
    const NAME: &'static str = "create_webhook";

    async fn handle(self, app: &App, origin: &Origin) -> Result<(WebhookId, WebhookSecret)> {
        let webhook_id = WebhookId::new();
        let mut tx = administrators::begin(app, origin, self.by).await?;
        let generation = sqlx::query_scalar!(
            "insert into webhooks (webhook_id, url, description, types, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $5) returning generation",
            webhook_id.0,
            self.url.as_str(),
            self.description.as_str(),
            self.filter.types(),
            tx.now,
        )
        .fetch_one(tx.sql())
        .await?;
        tx.emit(Event::WebhookCreated { webhook_id, actor_id: self.by.id() });
        tx.commit().await?;
        Ok((webhook_id, app.webhooks.secret(webhook_id, generation)))
    }
}
