//! `GET /v1/webhooks`, `GET /v1/webhooks/{id}`, `GET /v1/webhooks/{id}/deliveries`.

use keyward_core::{
    App,
    domain::{DeliveryState, DisableReason, WebhookDeliveryId, WebhookId},
    queries::{DeliveryView, GetWebhook, ListWebhookDeliveries, ListWebhooks, WebhookView},
};
use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use uuid::Uuid;

use crate::http::{
    auth::Administrator,
    pagination::{Listed, Page},
    problem::Failure,
    tags::Tag,
    time::Time,
};

pub(crate) struct WebhookQueries;

/// Why nothing is sent.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "DisableReason", rename_all = "snake_case")]
pub(crate) enum WhyDisabled {
    /// An administrator wants it so.
    ByAdmin,
    /// It has answered 410: it wants nothing more.
    Gone,
    /// It has taken nothing for five days.
    Failing,
}

impl From<DisableReason> for WhyDisabled {
    fn from(reason: DisableReason) -> Self {
        match reason {
            DisableReason::ByAdmin => Self::ByAdmin,
            DisableReason::Gone => Self::Gone,
            DisableReason::Failing => Self::Failing,
        }
    }
}

/// An endpoint that events are sent to.
#[derive(Debug, Object)]
pub(crate) struct Webhook {
    /// Its identity.
    id: Uuid,
    /// Where it is.
    url: String,
    /// What it is for.
    description: String,
    /// The types of events that are sent to it; empty for all.
    types: Vec<String>,
    /// Whether anything is sent to it.
    enabled: bool,
    /// Since when nothing is sent.
    disabled_at: Option<Time>,
    /// Why nothing is sent.
    disabled_reason: Option<WhyDisabled>,
    /// Since when no delivery has arrived; null if the last one has.
    failing_since: Option<Time>,
    /// When its secret was last replaced.
    secret_rotated_at: Option<Time>,
    /// When it was made.
    created_at: Time,
    /// When it was last changed.
    updated_at: Time,
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
            disabled_reason: view.disabled_reason.map(WhyDisabled::from),
            failing_since: view.failing_since.map(Time::from),
            secret_rotated_at: view.rotated_at.map(Time::from),
            created_at: view.created_at.into(),
            updated_at: view.updated_at.into(),
        }
    }
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "DeliveryState", rename_all = "snake_case")]
pub(crate) enum State {
    /// It is tried, or will be tried again.
    Pending,
    /// The endpoint has answered with 2xx.
    Delivered,
    /// Given up.
    Failed,
}

/// An event on its way to an endpoint.
#[derive(Debug, Object)]
pub(crate) struct WebhookDelivery {
    /// Its identity.
    id: Uuid,
    /// The event; sent as `webhook-id`.
    event_id: Uuid,
    /// The type of the event.
    #[oai(rename = "type")]
    kind: String,
    /// What became of it.
    state: State,
    /// How often it was tried since it was last asked for.
    attempts: i32,
    /// The HTTP status that the endpoint answered last.
    last_status: Option<i32>,
    /// What was wrong the last time, in words.
    last_error: Option<String>,
    /// When it is tried again, at the latest.
    next_try_at: Option<Time>,
    /// When it was first due.
    created_at: Time,
    /// When something last became of it.
    updated_at: Time,
}

impl From<DeliveryView> for WebhookDelivery {
    fn from(view: DeliveryView) -> Self {
        Self {
            id: view.id.0,
            event_id: view.event_id.0,
            kind: view.subject,
            state: match view.state {
                DeliveryState::Pending => State::Pending,
                DeliveryState::Delivered => State::Delivered,
                DeliveryState::Failed => State::Failed,
            },
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
    /// Where are events sent to?
    #[oai(path = "/webhooks", method = "get", operation_id = "list_webhooks")]
    async fn list_webhooks(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// How many at most: 1 to 100.
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Webhook>, Failure> {
        let page = Page::parse(limit.0, cursor.as_deref())?;
        let found = app.fetch(ListWebhooks { by: by.0, page: page.of(WebhookId) }).await?;
        Ok(page.answer("/v1/webhooks", &[], found, |hook| hook.id.0, Webhook::from))
    }

    /// Look at an endpoint
    #[oai(path = "/webhooks/:id", method = "get", operation_id = "get_webhook")]
    async fn get_webhook(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// The endpoint.
        id: Path<Uuid>,
    ) -> Result<Json<Webhook>, Failure> {
        let webhook = app.fetch(GetWebhook { by: by.0, webhook_id: WebhookId(id.0) }).await?;
        Ok(Json(webhook.into()))
    }

    /// What became of the events that were to be sent to an endpoint?
    ///
    /// The latest first; what has ended is kept for 30 days.
    #[oai(
        path = "/webhooks/:id/deliveries",
        method = "get",
        operation_id = "list_webhook_deliveries"
    )]
    async fn list_webhook_deliveries(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// The endpoint.
        id: Path<Uuid>,
        /// How many at most: 1 to 100.
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<WebhookDelivery>, Failure> {
        let page = Page::parse(limit.0, cursor.as_deref())?;
        let found = ListWebhookDeliveries {
            by: by.0,
            webhook_id: WebhookId(id.0),
            page: page.of(WebhookDeliveryId),
        };
        let found = app.fetch(found).await?;
        let path = format!("/v1/webhooks/{}/deliveries", id.0);
        Ok(page.answer(&path, &[], found, |one| one.id.0, WebhookDelivery::from))
    }
}
