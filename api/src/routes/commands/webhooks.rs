//! `POST /v1/webhooks`, `PATCH` and `DELETE /v1/webhooks/{id}`, `POST /v1/webhooks/{id}/secret`,
//! `../ping`, `../deliveries/{delivery_id}/redeliver`.

use keyward_core::{
    domain::{Description, WebhookDeliveryId, WebhookUrl},
    events::EventFilter,
};

use crate::routes::{prelude::*, queries::webhooks::Webhook};

pub(crate) struct WebhookCommands;

/// A new webhook endpoint.
#[derive(Debug, Object)]
pub(crate) struct NewWebhook {
    /// The URL of the endpoint: `https`, at most 2000 bytes, no private address.
    url: String,
    /// What the endpoint is for, at most 200 characters.
    description: Option<String>,
    /// The event types to send. All types if missing.
    types: Option<Vec<String>>,
}

/// Changes to a webhook endpoint. Missing members stay as they are.
#[derive(Debug, Object)]
pub(crate) struct WebhookChange {
    /// The URL of the endpoint: `https`, at most 2000 bytes, no private address.
    url: Option<String>,
    /// What the endpoint is for, at most 200 characters.
    description: Option<String>,
    /// The event types to send. Empty for all types.
    types: Option<Vec<String>>,
    /// Whether to send events to the endpoint.
    enabled: Option<bool>,
}

/// A new webhook endpoint and its secret.
#[derive(Debug, Object)]
pub(crate) struct WebhookCreated {
    /// The signing secret: `whsec_` and base64. Store it: it is never shown again.
    secret: String,
    /// The endpoint.
    webhook: Webhook,
}

#[derive(Debug, ApiResponse)]
enum WebhookAnswer {
    /// The endpoint was created. Events are sent to it from now on.
    #[oai(status = 201)]
    Created(
        Json<WebhookCreated>,
        /// The URL of the endpoint.
        #[oai(header = "Location")]
        String,
    ),
}

/// A new signing secret.
#[derive(Debug, Object)]
pub(crate) struct WebhookSecret {
    /// The new signing secret. Store it: it is never shown again.
    secret: String,
    /// Until when the previous secret signs as well.
    previous_signs_until: Time,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Webhooks")]
impl WebhookCommands {
    /// Create a webhook endpoint
    ///
    /// Sends events to the URL, signed according to the Standard Webhooks specification. Only this
    /// response contains the signing secret.
    #[oai(path = "/webhooks", method = "post", operation_id = "create_webhook")]
    async fn create_webhook(
        &self,
        admin: Scoped<'_, WebhooksWrite>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Body<NewWebhook>,
    ) -> Result<WebhookAnswer, Problem> {
        let (body, mut flaws) = body.parts();
        let url = WebhookUrl::parse(&body.url, &admin.app.settings.webhook_addresses);
        let url = flaws.check("/url", url);
        let description = Description::parse(body.description.as_deref().unwrap_or_default());
        let description = flaws.check("/description", description);
        let filter = flaws.check("/types", EventFilter::parse(body.types.unwrap_or_default()));
        let ((url, description), filter) = flaws.all(url.zip(description).zip(filter))?;
        let texts = (url.as_str().into(), description.as_str().into(), filter.types().to_vec());
        let command = commands::CreateWebhook { by: admin.by, url, description, filter };
        let (id, created_at) = admin.once(key).await?.execute(command).await?;
        // Not as it is now: a repetition gets the same answer, with the same secret.
        let webhook = queries::WebhookView::created((id, created_at), texts).into();
        let secret = admin.app.webhooks.secret(id, commands::CreateWebhook::FIRST_GENERATION);
        let created = WebhookCreated { secret: secret.expose(), webhook };
        Ok(WebhookAnswer::Created(Json(created), format!("/v1/webhooks/{id}")))
    }

    /// Change a webhook endpoint
    ///
    /// Enabling an endpoint resets its failure record. Deliveries that failed in the meantime are
    /// not sent unless you redeliver them.
    #[oai(path = "/webhooks/:id", method = "patch", operation_id = "change_webhook")]
    async fn change_webhook(
        &self,
        admin: Scoped<'_, WebhooksWrite>,
        /// The id of the endpoint.
        id: Path<Uuid>,
        body: Body<WebhookChange>,
    ) -> Result<Json<Webhook>, Problem> {
        let (body, mut flaws) = body.parts();
        let rule = &admin.app.settings.webhook_addresses;
        let url = body.url.as_deref().map(|url| WebhookUrl::parse(url, rule)).transpose();
        let url = flaws.check("/url", url);
        let description = body.description.as_deref().map(Description::parse).transpose();
        let description = flaws.check("/description", description);
        let filter = flaws.check("/types", body.types.map(EventFilter::parse).transpose());
        let ((url, description), filter) = flaws.all(url.zip(description).zip(filter))?;
        let (by, webhook_id, enabled) = (admin.by, WebhookId(id.0), body.enabled);
        let command = commands::ChangeWebhook { by, webhook_id, url, description, filter, enabled };
        admin.execute(command).await?;
        Webhook::of(&admin, webhook_id).await.map(Json)
    }

    /// Delete a webhook endpoint
    ///
    /// Deletes the endpoint and its list of deliveries.
    #[oai(path = "/webhooks/:id", method = "delete", operation_id = "delete_webhook")]
    async fn delete_webhook(
        &self,
        admin: Scoped<'_, WebhooksWrite>,
        /// The id of the endpoint.
        id: Path<Uuid>,
    ) -> Result<NoContent, Problem> {
        admin.answer(commands::DeleteWebhook { by: admin.by, webhook_id: WebhookId(id.0) }).await
    }

    /// Rotate the secret of a webhook endpoint
    ///
    /// Returns a new signing secret. The previous one signs as well for 24 hours, so that you can
    /// update the endpoint without losing events.
    #[oai(path = "/webhooks/:id/secret", method = "post", operation_id = "rotate_webhook_secret")]
    async fn rotate_webhook_secret(
        &self,
        admin: Scoped<'_, WebhooksWrite>,
        /// The id of the endpoint.
        id: Path<Uuid>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
    ) -> Result<Json<WebhookSecret>, Problem> {
        let command = commands::RotateWebhookSecret { by: admin.by, webhook_id: WebhookId(id.0) };
        let (generation, until) = admin.once(key).await?.execute(command).await?;
        let secret = admin.app.webhooks.secret(WebhookId(id.0), generation).expose();
        Ok(Json(WebhookSecret { secret, previous_signs_until: until.into() }))
    }

    /// Ping a webhook endpoint
    ///
    /// Sends a `webhook.ping` event, even if the endpoint does not subscribe to it. Fails with
    /// `webhook_disabled` if the endpoint is disabled.
    #[oai(path = "/webhooks/:id/ping", method = "post", operation_id = "ping_webhook")]
    async fn ping_webhook(
        &self,
        admin: Scoped<'_, WebhooksWrite>,
        /// The id of the endpoint.
        id: Path<Uuid>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
    ) -> Result<Accepted<DeliveryPlanned>, Problem> {
        let (by, webhook_id) = (admin.by, WebhookId(id.0));
        admin.once(key).await?.answer(commands::PingWebhook { by, webhook_id }).await
    }

    /// Redeliver an event
    ///
    /// Sends the event again, with a full set of attempts, even if it was delivered before. Fails
    /// with `webhook_disabled` if the endpoint is disabled.
    #[oai(
        path = "/webhooks/:id/deliveries/:delivery_id/redeliver",
        method = "post",
        operation_id = "redeliver_webhook"
    )]
    async fn redeliver_webhook(
        &self,
        admin: Scoped<'_, WebhooksWrite>,
        /// The id of the endpoint.
        id: Path<Uuid>,
        /// The id of the delivery.
        delivery_id: Path<Uuid>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
    ) -> Result<Accepted<DeliveryPlanned>, Problem> {
        let (webhook_id, delivery_id) = (WebhookId(id.0), WebhookDeliveryId(delivery_id.0));
        let command = commands::RedeliverWebhook { by: admin.by, webhook_id, delivery_id };
        admin.once(key).await?.answer(command).await
    }
}
