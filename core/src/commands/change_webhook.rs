//! Changing where, what and whether we send.

use crate::{
    App, Command, Result,
    administrator::Administrator,
    domain::{Description, DisableReason, WebhookId, WebhookUrl},
    events::{Event, EventFilter},
    origin::Origin,
    store::webhooks,
};

/// Changes an endpoint; what is not given stays. Enabled again, it has a clean record; what was
/// given up meanwhile is delivered only if somebody asks for it.
///
/// Refused with [`WebhookNotFound`](crate::Refusal::WebhookNotFound). What it is already is no
/// mistake and leaves no event.
#[derive(Debug)]
pub struct ChangeWebhook {
    /// Who asks.
    pub by: Administrator,
    /// Which endpoint.
    pub webhook_id: WebhookId,
    /// Where it is.
    pub url: Option<WebhookUrl>,
    /// What it is for.
    pub description: Option<Description>,
    /// Which events it wants.
    pub filter: Option<EventFilter>,
    /// Whether anything is sent to it.
    pub enabled: Option<bool>,
}

impl Command for ChangeWebhook {
    type Output = ();
    const NAME: &'static str = "change_webhook";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let old = webhooks::lock(&mut tx, self.by, self.webhook_id).await?;
        let now = tx.now;
        let url = self.url.as_ref().map_or(old.url.as_str(), WebhookUrl::as_str);
        let description =
            self.description.as_ref().map_or(old.description.as_str(), Description::as_str);
        let types = self.filter.as_ref().map_or(old.types.as_slice(), EventFilter::types);
        let disabled = match self.enabled {
            Some(true) => None,
            Some(false) => old.disabled.or(Some((now, DisableReason::ByAdmin))),
            None => old.disabled,
        };
        let is_as_before = url == old.url
            && description == old.description
            && types == old.types
            && disabled == old.disabled;
        if is_as_before {
            return Ok(());
        }
        let is_enabled_again = old.disabled.is_some() && disabled.is_none();
        sqlx::query!(
            "update webhooks
             set url = $2, description = $3, types = $4, disabled_at = $5, disabled_reason = $6,
                 failing_since = $7, updated_at = $8
             where webhook_id = $1",
            self.webhook_id.0,
            url,
            description,
            types,
            disabled.map(|(at, _)| at),
            disabled.map(|(_, reason)| reason.as_str()),
            old.failing_since.filter(|_| !is_enabled_again),
            now,
        )
        .execute(tx.sql())
        .await?;
        let (webhook_id, actor_id) = (self.webhook_id, self.by.user_id());
        tx.emit(Event::WebhookChanged { webhook_id, actor_id });
        tx.commit().await
    }
}
