//! What operators ask the worker over HTTP, on a listener of its own.

use keyward_core::App;
use poem::{
    EndpointExt as _, Route, Server, handler, http::StatusCode, listener::TcpAcceptor, web::Data,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::board::Lookout;

/// Answers until it is told to stop.
pub(crate) async fn run(
    app: App,
    nats: async_nats::Client,
    lookout: Lookout,
    listener: TcpListener,
    stop: CancellationToken,
) {
    let routes = Route::new()
        .at("/health/live", live)
        .at("/health/ready", ready)
        .data(app)
        .data(nats)
        .data(lookout);
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
