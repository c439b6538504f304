//! `GET /v1/webhooks`, `GET /v1/webhooks/{id}`, `GET /v1/webhooks/{id}/deliveries`.

use keyward_core::domain::{self, WebhookDeliveryId};

use crate::routes::prelude::*;

pub(crate) struct WebhookQueries;

/// Why an endpoint is disabled.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "snake_case", remote = "domain::DisableReason")]
pub(crate) enum DisableReason {
    /// An administrator disabled it.
    ByAdmin,
    /// It answered 410 Gone.
    Gone,
    /// It accepted no delivery for five days.
    Failing,
}

objects! {
    /// A webhook endpoint.
    Webhook from view: queries::WebhookView {
        /// The id of the endpoint.
        id: Uuid = view.id.0,
        /// The URL of the endpoint.
        url: String = view.url,
        /// What the endpoint is for.
        description: String = view.description,
        /// The event types to send. Empty for all types.
        types: Vec<String> = view.types,
        /// Whether events are sent to the endpoint.
        enabled: bool = view.disabled_at.is_none(),
        /// When the endpoint was disabled.
        disabled_at: Option<Time> = view.disabled_at.map(Time::from),
        /// Why the endpoint was disabled.
        disabled_reason: Option<DisableReason> = view.disabled_reason.map(DisableReason::from),
        /// Since when every delivery has failed. Null if the last one succeeded.
        failing_since: Option<Time> = view.failing_since.map(Time::from),
        /// When the secret was last rotated.
        secret_rotated_at: Option<Time> = view.rotated_at.map(Time::from),
        /// When the endpoint was created.
        created_at: Time = view.created_at,
        /// When the endpoint was last changed.
        updated_at: Time = view.updated_at,
    }
}

impl Webhook {
    /// Fetches an endpoint.
    ///
    /// # Errors
    ///
    /// 404 `webhook_not_found`.
    pub(crate) async fn of(
        admin: &Scoped<'_, WebhooksWrite>,
        webhook_id: WebhookId,
    ) -> Result<Self, Problem> {
        admin.fetch(queries::GetWebhook { by: admin.by, webhook_id }).await.map(Self::from)
    }
}

/// The state of a delivery.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "snake_case", remote = "domain::DeliveryState")]
pub(crate) enum DeliveryState {
    /// An attempt is in progress or scheduled.
    Pending,
    /// The endpoint answered with 2xx.
    Delivered,
    /// All attempts failed.
    Failed,
}

objects! {
    /// A delivery of an event to an endpoint.
    WebhookDelivery from view: queries::DeliveryView {
        /// The id of the delivery.
        id: Uuid = view.id.0,
        /// The id of the event. Sent as `webhook-id`.
        event_id: Uuid = view.event_id.0,
        /// The type of the event.
        #[oai(rename = "type")]
        kind: String = view.subject,
        /// The state of the delivery.
        state: DeliveryState = view.state,
        /// Attempts since the delivery was created or last redelivered.
        attempts: i32 = view.attempts,
        /// The HTTP status of the last attempt.
        last_status: Option<i32> = view.status,
        /// The error of the last attempt, for people.
        last_error: Option<String> = view.error,
        /// The latest time of the next attempt.
        next_try_at: Option<Time> = view.next_try_at.map(Time::from),
        /// When the delivery was created.
        created_at: Time = view.created_at,
        /// When the delivery was last changed.
        updated_at: Time = view.updated_at,
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Webhooks")]
impl WebhookQueries {
    /// List webhook endpoints
    #[oai(path = "/webhooks", method = "get", operation_id = "list_webhooks")]
    async fn list_webhooks(
        &self,
        admin: Scoped<'_, WebhooksWrite>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Webhook>, Problem> {
        let page = Page::parse(&admin, limit, cursor)?;
        let query = queries::ListWebhooks { by: admin.by, page: page.of(WebhookId) };
        page.fetch(&admin, query, |webhook| webhook.id.0, Webhook::from).await
    }

    /// Get a webhook endpoint
    #[oai(path = "/webhooks/:id", method = "get", operation_id = "get_webhook")]
    async fn get_webhook(
        &self,
        admin: Scoped<'_, WebhooksWrite>,
        /// The id of the endpoint.
        id: Path<Uuid>,
    ) -> Result<Json<Webhook>, Problem> {
        Webhook::of(&admin, WebhookId(id.0)).await.map(Json)
    }

    /// List the deliveries of a webhook endpoint
    ///
    /// Returns the latest first. Completed deliveries are kept for 30 days.
    #[oai(
        path = "/webhooks/:id/deliveries",
        method = "get",
        operation_id = "list_webhook_deliveries"
    )]
    async fn list_webhook_deliveries(
        &self,
        admin: Scoped<'_, WebhooksWrite>,
        /// The id of the endpoint.
        id: Path<Uuid>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<WebhookDelivery>, Problem> {
        let (page, webhook_id) = (Page::parse(&admin, limit, cursor)?, WebhookId(id.0));
        let rows = page.of(WebhookDeliveryId);
        let query = queries::ListWebhookDeliveries { by: admin.by, webhook_id, page: rows };
        page.fetch(&admin, query, |delivery| delivery.id.0, WebhookDelivery::from).await
    }
}
