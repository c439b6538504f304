//! `GET /v1/webhooks`, `GET /v1/webhooks/{id}`, `GET /v1/webhooks/{id}/deliveries`.

use keyward_core::{
    domain::{self, WebhookDeliveryId, WebhookId},
    queries::{DeliveryView, GetWebhook, ListWebhookDeliveries, ListWebhooks, WebhookView},
};

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

/// A webhook endpoint.
#[derive(Debug, Object)]
pub(crate) struct Webhook {
    /// The id of the endpoint.
    id: Uuid,
    /// The URL of the endpoint.
    url: String,
    /// What the endpoint is for.
    description: String,
    /// The event types to send. Empty for all types.
    types: Vec<String>,
    /// Whether events are sent to the endpoint.
    enabled: bool,
    /// When the endpoint was disabled.
    disabled_at: Option<Time>,
    /// Why the endpoint was disabled.
    disabled_reason: Option<DisableReason>,
    /// Since when every delivery has failed. Null if the last one succeeded.
    failing_since: Option<Time>,
    /// When the secret was last rotated.
    secret_rotated_at: Option<Time>,
    /// When the endpoint was created.
    created_at: Time,
    /// When the endpoint was last changed.
    updated_at: Time,
}

impl Webhook {
    /// Fetches an endpoint.
    ///
    /// # Errors
    ///
    /// 404 `webhook_not_found`.
    pub(crate) async fn of(admin: &AdminUser<'_>, webhook_id: WebhookId) -> Result<Self, Problem> {
        admin.fetch(GetWebhook { by: admin.by, webhook_id }).await.map(Self::from)
    }
}

impl From<WebhookView> for Webhook {
    fn from(view: WebhookView) -> Self {
        Self {
            id: view.id.0,
            url: view.url,
            description: view.description,
            types: view.types,
            enabled: view.disabled_at.is_none(),
            disabled_at: view.disabled_at.map(Time::from),
            disabled_reason: view.disabled_reason.map(DisableReason::from),
            failing_since: view.failing_since.map(Time::from),
            secret_rotated_at: view.rotated_at.map(Time::from),
            created_at: view.created_at.into(),
            updated_at: view.updated_at.into(),
        }
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

/// A delivery of an event to an endpoint.
#[derive(Debug, Object)]
pub(crate) struct WebhookDelivery {
    /// The id of the delivery.
    id: Uuid,
    /// The id of the event. Sent as `webhook-id`.
    event_id: Uuid,
    /// The type of the event.
    #[oai(rename = "type")]
    kind: String,
    /// The state of the delivery.
    state: DeliveryState,
    /// Attempts since the delivery was created or last redelivered.
    attempts: i32,
    /// The HTTP status of the last attempt.
    last_status: Option<i32>,
    /// The error of the last attempt, for people.
    last_error: Option<String>,
    /// The latest time of the next attempt.
    next_try_at: Option<Time>,
    /// When the delivery was created.
    created_at: Time,
    /// When the delivery was last changed.
    updated_at: Time,
}

impl From<DeliveryView> for WebhookDelivery {
    fn from(view: DeliveryView) -> Self {
        Self {
            id: view.id.0,
            event_id: view.event_id.0,
            kind: view.subject,
            state: view.state.into(),
            attempts: view.attempts,
            last_status: view.status,
            last_error: view.error,
            next_try_at: view.next_try_at.map(Time::from),
            created_at: view.created_at.into(),
            updated_at: view.updated_at.into(),
        }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Webhooks")]
impl WebhookQueries {
    /// List webhook endpoints
    #[oai(path = "/webhooks", method = "get", operation_id = "list_webhooks")]
    async fn list_webhooks(
        &self,
        admin: AdminUser<'_>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Webhook>, Problem> {
        let page = Page::parse(limit, cursor)?;
        let query = ListWebhooks { by: admin.by, page: page.of(WebhookId) };
        page.fetch(&admin, query, |webhook| webhook.id.0, Webhook::from).await
    }

    /// Get a webhook endpoint
    #[oai(path = "/webhooks/:id", method = "get", operation_id = "get_webhook")]
    async fn get_webhook(
        &self,
        admin: AdminUser<'_>,
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
        admin: AdminUser<'_>,
        /// The id of the endpoint.
        id: Path<Uuid>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<WebhookDelivery>, Problem> {
        let (page, webhook_id) = (Page::parse(limit, cursor)?, WebhookId(id.0));
        let rows = page.of(WebhookDeliveryId);
        let query = ListWebhookDeliveries { by: admin.by, webhook_id, page: rows };
        page.fetch(&admin, query, |delivery| delivery.id.0, WebhookDelivery::from).await
    }
}
