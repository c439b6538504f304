//! What operators ask the worker over HTTP, on a listener of its own.

use std::sync::Arc;

use keyward_core::{App, metrics::Metrics};
use poem::{
    EndpointExt as _, Request, Response, Route, Server, get, handler,
    http::{StatusCode, header},
    listener::TcpAcceptor,
    web::Data,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::backlog::Watch;

/// Answers until it is told to stop.
pub(crate) async fn run(
    app: App,
    nats: async_nats::Client,
    listener: TcpListener,
    stop: CancellationToken,
) {
    let watch = Arc::new(Watch::new(app.clone(), nats.clone()));
    let routes = Route::new()
        .at("/metrics", get(metrics))
        .at("/health/live", live)
        .at("/health/ready", ready)
        .data(app)
        .data(nats)
        .data(watch);
    let acceptor = match TcpAcceptor::from_tokio(listener) {
        Ok(acceptor) => acceptor,
        Err(error) => {
            tracing::error!(%error, "the operations listener cannot be used");
            return;
        }
    };
    let server = Server::new_with_acceptor(acceptor);
    if let Err(error) = server.run_with_graceful_shutdown(routes, stop.cancelled(), None).await {
        tracing::error!(%error, "the operations listener ended");
    }
}

/// All numbers, for operators and viewers (RFC 7617, Basic).
#[handler]
async fn metrics(app: Data<&App>, watch: Data<&Arc<Watch>>, request: &Request) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    if app.settings.operations.admit(authorization).is_none() {
        return Response::builder()
            .status(StatusCode::UNAUTHORIZED)
            .header(header::WWW_AUTHENTICATE, "Basic realm=\"Keyward operations\"")
            .finish();
    }
    watch.refresh().await;
    Response::builder().content_type(Metrics::CONTENT_TYPE).body(app.metrics.render())
}

#[handler]
fn live() -> &'static str {
    "live\n"
}

#[handler]
fn ready(app: Data<&App>, nats: Data<&async_nats::Client>) -> (StatusCode, &'static str) {
    let is_connected = nats.connection_state() == async_nats::connection::State::Connected;
    match (app.health.postgres(), is_connected) {
        (true, true) => (StatusCode::OK, "ready\n"),
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "postgres is away\n"),
        (true, false) => (StatusCode::SERVICE_UNAVAILABLE, "nats is away\n"),
    }
}
