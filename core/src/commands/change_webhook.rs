//! Changing a webhook.

use super::prelude::*;
use crate::{
    domain::{Description, DisableReason, WebhookId, WebhookUrl},
    events::EventFilter,
};

/// Changes a webhook; `None` keeps a value. Enabling it clears its record of failures; deliveries
/// that were discarded since then are only repeated on request. A change to the present values emits
/// no event.
///
/// Refused with [`WebhookNotFound`](crate::Refusal::WebhookNotFound).
pub struct ChangeWebhook {
    /// The administrator.
    pub by: Administrator,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The URL of the endpoint.
    pub url: Option<WebhookUrl>,
    /// What the endpoint is for.
    pub description: Option<Description>,
    /// The events that are sent to it.
    pub filter: Option<EventFilter>,
    /// Whether events are sent to it.
    pub enabled: Option<bool>,
}

impl Command for ChangeWebhook {
    type Output = ();
    const NAME: &'static str = "change_webhook";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, webhook_id, url, description, filter, enabled } = self;
        let (mut tx, _) = webhooks::begin(app, origin, by, webhook_id).await?;
        let done = sqlx::query!(
            "update webhooks
             set url = coalesce($2, url), description = coalesce($3, description),
                 types = coalesce($4, types),
                 disabled_at = case $5 when false then coalesce(disabled_at, $7)
                                       when true then null else disabled_at end,
                 disabled_reason = case $5 when false then coalesce(disabled_reason, $6)
                                           when true then null else disabled_reason end,
                 failing_since = case when $5 and disabled_at is not null then null
                                      else failing_since end,
                 updated_at = $7
             where webhook_id = $1
                   and (url <> $2 or description <> $3 or types <> $4
                        or (disabled_at is not null) = $5)",
            webhook_id.0,
            url.as_ref().map(WebhookUrl::as_str),
            description.as_ref().map(Description::as_str),
            filter.as_ref().map(EventFilter::types),
            enabled,
            DisableReason::ByAdmin.as_str(),
            tx.now,
        )
        .execute(tx.sql())
        .await?;
        if done.rows_affected() == 1 {
            tx.emit(Event::WebhookChanged { webhook_id, actor_id: by.id() });
        }
        tx.commit().await
    }
}
