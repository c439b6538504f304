//! `POST /v1/webhooks`, `PATCH` and `DELETE /v1/webhooks/{id}`, `POST /v1/webhooks/{id}/secret`,
//! `../ping`, `../deliveries/{delivery_id}/redeliver`.

use keyward_core::{
    App,
    commands::{
        ChangeWebhook, CreateWebhook, DeleteWebhook, PingWebhook, RedeliverWebhook,
        RotateWebhookSecret,
    },
    domain::{Description, WebhookDeliveryId, WebhookId, WebhookUrl},
    events::EventFilter,
    origin::Origin,
    queries::GetWebhook,
};
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json};
use uuid::Uuid;

use super::Done;
use crate::{
    http::{auth::Administrator, body::Body, problem::Failure, tags::Tag, time::Time},
    routes::queries::Webhook,
};

pub(crate) struct WebhookCommands;

/// An endpoint that events are to be sent to.
#[derive(Debug, Object)]
pub(crate) struct NewWebhook {
    /// Where it is: `https`, 2000 bytes at most, no private address.
    url: String,
    /// What it is for; 200 characters at most.
    description: Option<String>,
    /// The types of events it wants; all without them.
    types: Option<Vec<String>>,
}

/// What is to be different; what is missing stays.
#[derive(Debug, Object)]
pub(crate) struct WebhookChange {
    /// Where it is: `https`, 2000 bytes at most, no private address.
    url: Option<String>,
    /// What it is for; 200 characters at most.
    description: Option<String>,
    /// The types of events it wants; empty for all.
    types: Option<Vec<String>>,
    /// Whether anything is sent to it.
    enabled: Option<bool>,
}

/// A new endpoint and its secret.
#[derive(Debug, Object)]
pub(crate) struct WebhookCreated {
    /// Signs what is sent to it: `whsec_` and base64. Shown now and never again.
    secret: String,
    /// The endpoint.
    webhook: Webhook,
}

#[derive(Debug, ApiResponse)]
enum Created {
    /// Events are sent to it from now on.
    #[oai(status = 201)]
    Webhook(
        Json<WebhookCreated>,
        /// Where it is found.
        #[oai(header = "Location")]
        String,
    ),
}

/// A new secret.
#[derive(Debug, Object)]
pub(crate) struct WebhookSecret {
    /// Signs what is sent from now on. Shown now and never again.
    secret: String,
    /// Until then the secret before it signs, too.
    previous_signs_until: Time,
}

/// What is to be delivered.
#[derive(Debug, Object)]
pub(crate) struct DeliveryPlanned {
    /// Always `delivery_planned`.
    status: String,
}

#[derive(Debug, ApiResponse)]
enum Planned {
    /// It is on its way; the list of deliveries tells what becomes of it.
    #[oai(status = 202)]
    Delivery(Json<DeliveryPlanned>),
}

impl Planned {
    fn new() -> Self {
        Self::Delivery(Json(DeliveryPlanned { status: "delivery_planned".into() }))
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Webhooks")]
impl WebhookCommands {
    /// Have events sent to an endpoint
    ///
    /// They are signed after the Standard Webhooks specification. The secret is in this answer
    /// alone.
    #[oai(path = "/webhooks", method = "post", operation_id = "create_webhook")]
    async fn create_webhook(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        body: Body<NewWebhook>,
    ) -> Result<Created, Failure> {
        let (body, mut flaws) = body.parts();
        let url = WebhookUrl::parse(&body.url, &app.settings.webhooks.addresses);
        let url = flaws.check("/url", url);
        let description = Description::parse(body.description.as_deref().unwrap_or_default());
        let description = flaws.check("/description", description);
        let filter = flaws.check("/types", EventFilter::parse(body.types.unwrap_or_default()));
        let (url, description, filter) = flaws.all((url, description, filter))?;
        let command = CreateWebhook { by: by.0, url, description, filter };
        let (webhook_id, secret) = app.execute(command, &origin).await?;
        let webhook = app.fetch(GetWebhook { by: by.0, webhook_id }).await?.into();
        let created = WebhookCreated { secret: secret.expose(), webhook };
        Ok(Created::Webhook(Json(created), format!("/v1/webhooks/{webhook_id}")))
    }

    /// Change an endpoint
    ///
    /// Also disables it, or enables it again with a clean record. What was given up meanwhile is
    /// delivered only if it is asked for.
    #[oai(path = "/webhooks/:id", method = "patch", operation_id = "change_webhook")]
    async fn change_webhook(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The endpoint.
        id: Path<Uuid>,
        body: Body<WebhookChange>,
    ) -> Result<Json<Webhook>, Failure> {
        let (body, mut flaws) = body.parts();
        let rule = &app.settings.webhooks.addresses;
        let url = body.url.as_deref().map(|url| WebhookUrl::parse(url, rule)).transpose();
        let url = flaws.check("/url", url);
        let description = body.description.as_deref().map(Description::parse).transpose();
        let description = flaws.check("/description", description);
        let filter = flaws.check("/types", body.types.map(EventFilter::parse).transpose());
        let (url, description, filter) = flaws.all((url, description, filter))?;
        let (webhook_id, enabled) = (WebhookId(id.0), body.enabled);
        let command = ChangeWebhook { by: by.0, webhook_id, url, description, filter, enabled };
        app.execute(command, &origin).await?;
        let webhook = app.fetch(GetWebhook { by: by.0, webhook_id }).await?;
        Ok(Json(webhook.into()))
    }

    /// Delete an endpoint
    ///
    /// With the list of its deliveries.
    #[oai(path = "/webhooks/:id", method = "delete", operation_id = "delete_webhook")]
    async fn delete_webhook(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The endpoint.
        id: Path<Uuid>,
    ) -> Result<Done, Failure> {
        let command = DeleteWebhook { by: by.0, webhook_id: WebhookId(id.0) };
        app.execute(command, &origin).await?;
        Ok(Done::NoContent)
    }

    /// Make a new secret
    ///
    /// The secret before it signs beside it for 24 hours, so that nothing is missed while the
    /// endpoint is told.
    #[oai(path = "/webhooks/:id/secret", method = "post", operation_id = "rotate_webhook_secret")]
    async fn rotate_webhook_secret(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The endpoint.
        id: Path<Uuid>,
    ) -> Result<Json<WebhookSecret>, Failure> {
        let command = RotateWebhookSecret { by: by.0, webhook_id: WebhookId(id.0) };
        let (secret, until) = app.execute(command, &origin).await?;
        let previous_signs_until = until.into();
        Ok(Json(WebhookSecret { secret: secret.expose(), previous_signs_until }))
    }

    /// Try an endpoint
    ///
    /// Sends it a `webhook.ping`, whatever types it wants.
    #[oai(path = "/webhooks/:id/ping", method = "post", operation_id = "ping_webhook")]
    async fn ping_webhook(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The endpoint.
        id: Path<Uuid>,
    ) -> Result<Planned, Failure> {
        let command = PingWebhook { by: by.0, webhook_id: WebhookId(id.0) };
        app.execute(command, &origin).await?;
        Ok(Planned::new())
    }

    /// Deliver something once more
    ///
    /// Whether or not it has arrived before; all attempts are ahead of it again.
    #[oai(
        path = "/webhooks/:id/deliveries/:delivery_id/redeliver",
        method = "post",
        operation_id = "redeliver_webhook"
    )]
    async fn redeliver_webhook(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The endpoint.
        id: Path<Uuid>,
        /// What is delivered.
        delivery_id: Path<Uuid>,
    ) -> Result<Planned, Failure> {
        let (webhook_id, delivery_id) = (WebhookId(id.0), WebhookDeliveryId(delivery_id.0));
        app.execute(RedeliverWebhook { by: by.0, webhook_id, delivery_id }, &origin).await?;
        Ok(Planned::new())
    }
}
