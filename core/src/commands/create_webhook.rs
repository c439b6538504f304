//! Telling us to send events somewhere.

use crate::{
    App, Command, Result,
    administrator::Administrator,
    domain::{Description, WebhookId, WebhookSecret, WebhookUrl},
    events::{Event, EventFilter},
    origin::Origin,
    store::administrators,
};

/// Has events sent to an endpoint, from now on.
#[derive(Debug)]
pub struct CreateWebhook {
    /// Who asks.
    pub by: Administrator,
    /// Where it is.
    pub url: WebhookUrl,
    /// What it is for.
    pub description: Description,
    /// Which events it wants.
    pub filter: EventFilter,
}

impl Command for CreateWebhook {
    /// Its identity, and the secret that signs what it gets: shown now and never again.
    type Output = (WebhookId, WebhookSecret);
    const NAME: &'static str = "create_webhook";

    async fn handle(self, app: &App, origin: &Origin) -> Result<(WebhookId, WebhookSecret)> {
        let webhook_id = WebhookId::new();
        let mut tx = app.begin(origin).await?;
        administrators::authorize(&mut tx, self.by).await?;
        let now = tx.now;
        let generation = sqlx::query_scalar!(
            "insert into webhooks (webhook_id, url, description, types, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $5) returning generation",
            webhook_id.0,
            self.url.as_str(),
            self.description.as_str(),
            self.filter.types(),
            now,
        )
        .fetch_one(tx.sql())
        .await?;
        tx.emit(Event::WebhookCreated { webhook_id, actor_id: self.by.user_id() });
        tx.commit().await?;
        Ok((webhook_id, app.webhooks.secret(webhook_id, generation)))
    }
}
