//! Who may do what. Rights are decided by the row in Postgres, for every route, method and spelling.

mod demotion;
mod last_administrator;
mod lists;
mod mass_assignment;
mod matrix;
mod spellings;

use keyward_tests::World;
use reqwest::Method;
use serde_json::Value;

/// Every operation of the OpenAPI document: method, path with its parameters, what is said of it.
fn operations() -> Vec<(Method, String, Value)> {
    let document = keyward_api::openapi_document().unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            operations.push((method, path.clone(), operation.clone()));
        }
    }
    operations
}

/// An account with a role, a session of it, and its id.
struct Somebody {
    token: String,
    id: String,
}

impl Somebody {
    async fn new(world: &World, name: &str) -> Self {
        let account = world.account(name).await;
        let token = world.log_in(&account).await.access;
        Self { token, id: world.user_id(&account.email).await.to_string() }
    }
}
