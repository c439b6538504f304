//! The webhooks.

use super::{WebhookView, prelude::*};
use crate::domain::{DisableReason, WebhookId};

/// Lists the webhooks, newest first, for administrators.
pub struct ListWebhooks {
    /// The administrator.
    pub by: Administrator,
    /// The part to read.
    pub page: Keyset<WebhookId>,
}

impl Query for ListWebhooks {
    type View = Vec<WebhookView>;
    const NAME: &'static str = "list_webhooks";

    async fn handle(self, app: &App) -> Result<Vec<WebhookView>> {
        let mut sql = app.read_as(self.by).await?;
        Ok(sqlx::query_as!(
            WebhookView,
            r#"select webhook_id as "id: WebhookId", url, description, types, disabled_at,
                      disabled_reason as "disabled_reason: DisableReason", failing_since,
                      rotated_at, created_at, updated_at
               from webhooks where $1::uuid is null or webhook_id < $1
               order by webhook_id desc limit $2"#,
            self.page.after.map(|id| id.0),
            self.page.limit,
        )
        .fetch_all(&mut *sql)
        .await?)
    }
}
