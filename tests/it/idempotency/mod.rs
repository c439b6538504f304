//! One `Idempotency-Key` is one effect, and one answer.

mod keys;
mod once;
mod records;

use keyward_tests::{Reply, World};
use reqwest::Method;
use serde_json::Value;

/// Posts with a key.
async fn post(world: &World, path: &str, key: &str, body: Value) -> Reply {
    let request = world.request(Method::POST, path).header("idempotency-key", key);
    world.send(request.json(&body)).await
}

/// Posts with a key and an access token.
async fn post_as(world: &World, token: &str, path: &str, key: &str, body: Value) -> Reply {
    let request = world.request(Method::POST, path).header("idempotency-key", key);
    world.send(request.bearer_auth(token).json(&body)).await
}

fn is_replayed(reply: &Reply) -> bool {
    reply.header("idempotency-replayed") == "true"
}
