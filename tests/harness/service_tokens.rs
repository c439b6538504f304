//! Service tokens.

use reqwest::Method;
use serde_json::json;

use crate::{Reply, World};

/// A service token that a test created.
#[derive(Debug, Clone)]
pub struct ServiceToken {
    pub id: String,
    pub token: String,
}

impl World {
    /// Creates a service token with these scopes.
    pub async fn service_token(&self, admin: &str, scopes: &[&str]) -> ServiceToken {
        let body = json!({"name": "CRM", "scopes": scopes});
        let reply = self.post_json_as(admin, "/v1/service-tokens", body).await.expect(201).json();
        let text = |member: &str| reply[member].as_str().unwrap().to_owned();
        ServiceToken { id: text("id"), token: text("token") }
    }

    /// Rotates a service token. Returns its new text.
    pub async fn rotate_service_token(&self, admin: &str, id: &str, query: &str) -> String {
        let path = format!("/v1/service-tokens/{id}/rotate{query}");
        let reply = self.post_as(admin, &path).await.expect(200).json();
        reply["token"].as_str().unwrap().to_owned()
    }

    pub async fn revoke_service_token(&self, admin: &str, id: &str) -> Reply {
        self.delete_as(admin, &format!("/v1/service-tokens/{id}")).await
    }

    /// The service token in the list of those that were not revoked.
    pub async fn listed_service_token(&self, admin: &str, id: &str) -> serde_json::Value {
        let items = self.get_as(admin, "/v1/service-tokens").await.expect(200).items();
        items.into_iter().find(|item| item["id"] == id).unwrap_or_default()
    }

    /// Introspects a token on behalf of a service.
    pub async fn introspect(&self, service: &str, token: &str) -> Reply {
        let request = self.request(Method::POST, "/v1/tokens/introspect").bearer_auth(service);
        self.send(request.form(&[("token", token)])).await
    }
}
