use keyward_tests::{Route, Takes, Tokens, World, pictures};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use uuid::Uuid;

use super::callers::Callers;

const PASSWORD: &str = "a garden full of thyme";

/// Requests that every route accepts, as long as Postgres answers: their tokens and ids are real.
pub(super) struct Requests {
    pub(super) callers: Callers,
    /// Of an account without rights.
    user: Tokens,
    user_id: String,
    webhook: String,
    service_token: String,
    links: Links,
}

/// The tokens of links that were emailed.
struct Links {
    verify: String,
    reset: String,
    confirm: String,
    undo: String,
    invitation: String,
}

impl Requests {
    pub(super) async fn prepare(world: &World) -> Self {
        let callers = Callers::prepare(world).await;
        let admin = &callers.admin;
        let ada = world.account("ada").await;
        let user = world.log_in(&ada).await;
        let bob = world.register("bobby").await;
        let webhook = world.webhook(admin, "https://example.org/", &["user.deleted"]).await;
        world.request_email_change(&user.access, &ada, "new@example.org").await.expect(202);
        let service_token = world.service_token(admin, &["users:read"]).await.id;
        let links = Links {
            verify: world.link_token(&bob.email, "/verify-email").await,
            reset: world.reset_token(&ada.email).await,
            confirm: world.link_token("new@example.org", "/confirm-email").await,
            undo: world.link_token(&ada.email, "/undo-email").await,
            invitation: world.invite(admin, "grace@example.org", "user").await,
        };
        let user_id = world.user_id(&ada.email).await.to_string();
        Self { callers, user, user_id, webhook: webhook.id, service_token, links }
    }

    /// The request of a route to one of the API's processes.
    pub(super) fn request(&self, world: &World, url: &str, route: &Route) -> RequestBuilder {
        let id = match route.template.split('/').nth(2) {
            Some("users") => self.user_id.clone(),
            Some("webhooks") => self.webhook.clone(),
            Some("service-tokens") => self.service_token.clone(),
            Some("sessions") => self.user.session_id.to_string(),
            Some("avatars") => format!("{}.webp", "0".repeat(64)),
            _ => Uuid::now_v7().to_string(),
        };
        let token = match route.admits()[..] {
            [] | ["user"] => &self.user.access,
            _ => self.callers.of(route),
        };
        let request = world.request_at(url, route.method.clone(), &route.path(&id));
        let request = request.bearer_auth(token).header("if-match", "*");
        match route.takes {
            Takes::Nothing => request,
            Takes::Form => request.form(&[("token", &self.user.access)]),
            Takes::Json => request.json(&self.body(&route.name)),
            Takes::Picture => {
                let jpeg = pictures::jpeg(&pictures::photo(64, 64), 80);
                request.header("content-type", "image/jpeg").body(jpeg)
            }
        }
    }

    pub(super) fn body(&self, route: &str) -> Value {
        let Links { verify, reset, confirm, undo, invitation } = &self.links;
        let current = "the passphrase of number 3";
        match route {
            "POST /v1/email-changes/confirm" => json!({"token": confirm}),
            "POST /v1/email-changes/undo" => json!({"token": undo}),
            "POST /v1/email-verifications/confirm" => json!({"token": verify}),
            "POST /v1/password-resets/confirm" => json!({"token": reset, "password": PASSWORD}),
            "POST /v1/invitations/accept" => {
                json!({"token": invitation, "password": PASSWORD, "display_name": "Grace"})
            }
            "POST /v1/email-verifications" | "POST /v1/password-resets" => {
                json!({"email": "ada@example.org"})
            }
            "POST /v1/invitations" => json!({"email": "eve@example.org", "role": "user"}),
            "POST /v1/sessions" => json!({"email": "ada@example.org", "password": current}),
            "POST /v1/sessions/refresh" => json!({"refresh_token": self.user.refresh}),
            "POST /v1/users" => {
                json!({"email": "eve@example.org", "password": PASSWORD, "display_name": "Eve"})
            }
            "DELETE /v1/users/me" => json!({"current_password": current}),
            "PATCH /v1/users/me" => json!({"display_name": "Ada"}),
            "PUT /v1/users/me/email" => {
                json!({"email": "other@example.org", "current_password": current})
            }
            "PUT /v1/users/me/password" => {
                json!({"current_password": current, "password": PASSWORD})
            }
            "PUT /v1/users/{id}/role" => json!({"role": "user"}),
            "PUT /v1/users/{id}/status" => json!({"status": "disabled"}),
            "POST /v1/service-tokens" => json!({"name": "CRM", "scopes": ["users:read"]}),
            "POST /v1/webhooks" => json!({"url": "https://example.org/"}),
            "PATCH /v1/webhooks/{id}" => json!({"description": "CRM"}),
            _ => panic!("{route} has no request here"),
        }
    }
}
