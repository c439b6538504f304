//! `/health/live` and `/health/ready`. Neither does any work: the state is watched all the time.

use keyward_core::App;
use poem::{
    Response, handler,
    http::StatusCode,
    web::{Data, Json},
};
use serde_json::json;

/// The process runs.
#[handler]
pub(crate) fn live() -> Json<serde_json::Value> {
    Json(json!({"status": "live"}))
}

/// Requests can be answered: 503 without Postgres; without the others it works, `degraded`.
#[handler]
pub(crate) fn ready(app: Data<&App>, nats: Data<&async_nats::Client>) -> Response {
    let degraded: Vec<&str> = [("redis", app.cache.is_up()), ("nats", crate::is_connected(*nats))]
        .iter()
        .filter_map(|(name, is_up)| (!is_up).then_some(*name))
        .collect();
    let (status, text) = if app.health.postgres() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "postgres is away")
    };
    Response::builder()
        .status(status)
        .content_type("application/json")
        .body(json!({"status": text, "degraded": degraded}).to_string())
}
