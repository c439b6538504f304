//! Rotating the secret of a webhook.

use chrono::Duration;

use super::prelude::*;
use crate::domain::WebhookId;

/// Creates a new secret for a webhook. The previous one keeps signing beside it for a day, so that the
/// endpoint can switch without missing a delivery; older ones sign no more. Returns the generation of the
/// secret, and when the previous one stops signing.
///
/// Refused with [`WebhookNotFound`](crate::Refusal::WebhookNotFound).
pub struct RotateWebhookSecret {
    /// The administrator.
    pub by: Administrator,
    /// The webhook.
    pub webhook_id: WebhookId,
}

impl RotateWebhookSecret {
    /// How long the previous secret keeps signing.
    pub const OVERLAP: Duration = Duration::hours(24);
}

impl Command for RotateWebhookSecret {
    type Output = (i32, DateTime<Utc>);
    const NAME: &'static str = "rotate_webhook_secret";

    async fn handle(self, app: &App, origin: &Origin) -> Result<(i32, DateTime<Utc>)> {
        let Self { by, webhook_id } = self;
        let (mut tx, webhook) = webhooks::begin(app, origin, by, webhook_id).await?;
        let (now, generation) = (tx.now, webhook.generation + 1);
        sqlx::query!(
            "update webhooks set generation = $2, rotated_at = $3, updated_at = $3
             where webhook_id = $1",
            webhook_id.0,
            generation,
            now,
        )
        .execute(tx.sql())
        .await?;
        tx.emit(Event::WebhookSecretRotated { webhook_id, actor_id: by.id() });
        tx.complete((generation, now + Self::OVERLAP)).await
    }
}
