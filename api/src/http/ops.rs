//! Health, on both listeners, and metrics, on the one for operators.

use async_nats::connection::State;
use keyward_core::{App, infra::metrics::Metrics};
use poem::{
    Endpoint, EndpointExt as _, IntoResponse, Request, Response, Route, get, handler,
    http::{StatusCode, header},
    web::{Data, Json},
};
use serde_json::{Value, json};

/// The routes of the operations listener.
pub(crate) fn routes(app: App, nats: async_nats::Client) -> impl Endpoint<Output = Response> {
    Route::new()
        .at("/metrics", get(metrics))
        .at("/health/live", get(live))
        .at("/health/ready", get(ready))
        .data(app)
        .data(nats)
        .map_to_response()
}

/// `/health/live`: the process runs.
#[handler]
pub(crate) fn live() -> Json<Value> {
    Json(json!({"status": "live"}))
}

/// `/health/ready`: whether requests can be served. 503 with the reason if Postgres, the schema or the
/// database cannot be used; `degraded` without Redis or NATS. Only reads state that is watched in the background.
#[handler]
pub(crate) fn ready(app: Data<&App>, nats: Data<&async_nats::Client>) -> impl IntoResponse {
    let dependencies = [("redis", app.cache.is_up()), ("nats", is_connected(*nats))];
    let down = dependencies.iter().filter(|(_, is_up)| !is_up);
    let degraded: Vec<&str> = down.map(|(name, _)| *name).collect();
    match app.health.unready() {
        None => Json(json!({"status": "ready", "degraded": degraded})).with_status(StatusCode::OK),
        Some(why) => Json(json!({
            "status": why.text(), "reason": why.code(), "degraded": degraded,
        }))
        .with_status(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// All metrics, for operators and viewers (Basic authentication, RFC 7617).
#[handler]
fn metrics(app: Data<&App>, nats: Data<&async_nats::Client>, request: &Request) -> Response {
    if app.settings.operations.admit(request.header(header::AUTHORIZATION)).is_none() {
        return Response::builder()
            .status(StatusCode::UNAUTHORIZED)
            .header(header::WWW_AUTHENTICATE, "Basic realm=\"Keyward operations\"")
            .finish();
    }
    let text = app.render_metrics(is_connected(*nats), None);
    Response::builder().content_type(Metrics::CONTENT_TYPE).body(text)
}

/// Whether there is a connection to NATS.
pub(crate) fn is_connected(nats: &async_nats::Client) -> bool {
    nats.connection_state() == State::Connected
}
