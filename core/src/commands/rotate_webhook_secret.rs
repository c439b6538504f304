//! A new secret for an endpoint.

use chrono::{DateTime, Duration, Utc};

use crate::{
    App, Command, Result,
    administrator::Administrator,
    domain::{WebhookId, WebhookSecret},
    events::Event,
    origin::Origin,
    store::webhooks,
};

/// Makes a new secret for an endpoint. The one before signs beside it for a day, so that the
/// endpoint can be told without missing anything; one that is older signs no more.
///
/// Refused with [`WebhookNotFound`](crate::Refusal::WebhookNotFound).
#[derive(Debug)]
pub struct RotateWebhookSecret {
    /// Who asks.
    pub by: Administrator,
    /// Which endpoint.
    pub webhook_id: WebhookId,
}

impl RotateWebhookSecret {
    /// For so long the secret before the present one signs, too.
    pub const OVERLAP: Duration = Duration::hours(24);
}

impl Command for RotateWebhookSecret {
    /// The secret, shown now and never again; until when the one before it signs.
    type Output = (WebhookSecret, DateTime<Utc>);
    const NAME: &'static str = "rotate_webhook_secret";

    async fn handle(self, app: &App, origin: &Origin) -> Result<(WebhookSecret, DateTime<Utc>)> {
        let mut tx = app.begin(origin).await?;
        let webhook = webhooks::lock(&mut tx, self.by, self.webhook_id).await?;
        let (now, generation) = (tx.now, webhook.generation + 1);
        sqlx::query!(
            "update webhooks set generation = $2, rotated_at = $3, updated_at = $3
             where webhook_id = $1",
            self.webhook_id.0,
            generation,
            now,
        )
        .execute(tx.sql())
        .await?;
        let (webhook_id, actor_id) = (self.webhook_id, self.by.user_id());
        tx.emit(Event::WebhookSecretRotated { webhook_id, actor_id });
        tx.commit().await?;
        Ok((app.webhooks.secret(self.webhook_id, generation), now + Self::OVERLAP))
    }
}
