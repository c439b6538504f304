//! One endpoint that events are sent to.

use super::{list_webhooks, list_webhooks::WebhookView};
use crate::{App, Query, Refusal, Result, administrator::Administrator, domain::WebhookId};

/// One endpoint that events are sent to, for administrators.
///
/// Refused with [`WebhookNotFound`](Refusal::WebhookNotFound).
#[derive(Debug)]
pub struct GetWebhook {
    /// Who asks.
    pub by: Administrator,
    /// Which one.
    pub webhook_id: WebhookId,
}

impl Query for GetWebhook {
    type View = WebhookView;
    const NAME: &'static str = "get_webhook";

    async fn handle(self, app: &App) -> Result<WebhookView> {
        let mut sql = app.read_as(self.by).await?;
        let found = list_webhooks::read(&mut sql, Some(self.webhook_id), None, 1).await?;
        Ok(found.into_iter().next().ok_or(Refusal::WebhookNotFound)?)
    }
}
