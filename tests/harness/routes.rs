//! The routes of the OpenAPI document.

use std::collections::BTreeSet;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::World;

/// The kind of body that a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    Json,
    Form,
    Picture,
}

/// A route of the OpenAPI document.
#[derive(Debug, Clone)]
pub struct Route {
    /// For example `PUT /v1/users/{id}/role`.
    pub name: String,
    pub method: Method,
    /// Its path with parameters in braces.
    pub template: String,
    pub takes: Takes,
    /// The schema of its JSON body, or null.
    pub schema: Value,
    /// Its description in the document.
    pub operation: Value,
}

impl Route {
    /// Every route, sorted by path.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let document = keyward_api::openapi_document().unwrap();
        let mut routes = Vec::new();
        for (template, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let method: Method = method.to_uppercase().parse().unwrap();
                let content = &operation["requestBody"]["content"];
                let schema = content["application/json"]["schema"]["$ref"].as_str();
                let schema = schema.and_then(|name| document.pointer(name.strip_prefix('#')?));
                routes.push(Self {
                    name: format!("{method} {template}"),
                    method,
                    template: template.clone(),
                    takes: match (schema, content) {
                        (Some(_), _) => Takes::Json,
                        (None, Value::Null) => Takes::Nothing,
                        (None, content)
                            if content["application/x-www-form-urlencoded"].is_object() =>
                        {
                            Takes::Form
                        }
                        (None, _) => Takes::Picture,
                    },
                    schema: schema.cloned().unwrap_or_default(),
                    operation: operation.clone(),
                });
            }
        }
        routes
    }

    /// Every route that documents a status.
    #[must_use]
    pub fn with_status(status: u16) -> Vec<Self> {
        let mut routes = Self::all();
        routes.retain(|route| route.statuses().contains(&status));
        routes
    }

    /// Its documented statuses.
    #[must_use]
    pub fn statuses(&self) -> BTreeSet<u16> {
        let statuses = self.operation["responses"].as_object().unwrap().keys();
        statuses.map(|status| status.parse().unwrap()).collect()
    }

    /// Whether it works without an access token.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.operation.get("security").is_none()
    }

    /// Whom it admits: `user`, `administrator`, the scope of service tokens. Empty for everyone.
    #[must_use]
    pub fn admits(&self) -> Vec<&str> {
        let words = self.operation["x-allowed-to"].as_array().into_iter().flatten();
        words.map(|word| word.as_str().unwrap()).collect()
    }

    /// Whether it admits administrators.
    #[must_use]
    pub fn is_for_administrators(&self) -> bool {
        self.admits().contains(&"administrator")
    }

    /// The scope that lets a service token in.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.admits().into_iter().find(|word| word.contains(':'))
    }

    /// Whether it admits service tokens alone.
    #[must_use]
    pub fn is_for_services(&self) -> bool {
        matches!(self.admits()[..], [only] if only.contains(':'))
    }

    /// Whether it takes a query parameter or a header of this name.
    #[must_use]
    pub fn has_parameter(&self, name: &str) -> bool {
        let parameters = self.operation["parameters"].as_array().into_iter().flatten();
        parameters.into_iter().any(|parameter| parameter["name"] == name)
    }

    /// Its path with `value` in place of each parameter.
    #[must_use]
    pub fn path(&self, value: &str) -> String {
        let parts = self.template.split('/');
        let parts = parts.map(|part| if part.starts_with('{') { value } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    /// A request for [`World::send`] with an access token, for any version, without a body.
    pub fn request(&self, world: &World, path: &str, token: &str) -> RequestBuilder {
        let request = world.request(self.method.clone(), path);
        request.bearer_auth(token).header("if-match", "*")
    }
}
