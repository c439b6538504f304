//! `/health/live` and `/health/ready`. Both only read state that is watched in the background.

use async_nats::connection::State;
use keyward_core::App;
use poem::{
    IntoResponse, handler,
    http::StatusCode,
    web::{Data, Json},
};
use serde_json::{Value, json};

/// The process runs.
#[handler]
pub(crate) fn live() -> Json<Value> {
    Json(json!({"status": "live"}))
}

/// Whether requests can be served: 503 without Postgres, `degraded` without Redis or NATS.
#[handler]
pub(crate) fn ready(app: Data<&App>, nats: Data<&async_nats::Client>) -> impl IntoResponse {
    let dependencies = [("redis", app.cache.is_up()), ("nats", is_connected(*nats))];
    let down = dependencies.iter().filter(|(_, is_up)| !is_up);
    let degraded: Vec<&str> = down.map(|(name, _)| *name).collect();
    let (status, text) = match app.health.postgres() {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "postgres is unavailable"),
    };
    Json(json!({"status": text, "degraded": degraded})).with_status(status)
}

/// Whether there is a connection to NATS.
pub(crate) fn is_connected(nats: &async_nats::Client) -> bool {
    nats.connection_state() == State::Connected
}
