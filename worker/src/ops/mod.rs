//! What operators ask the worker over HTTP, on a listener of its own: health for everybody who gets
//! there, all else for those with credentials ([`guard`]).

pub(crate) mod guard;

use keyward_core::App;
use poem::{
    EndpointExt as _, Route, Server, handler, http::StatusCode, listener::TcpAcceptor, web::Data,
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    board::{self, Begun, Lookout},
    metrics,
};

/// Answers until it is told to stop.
pub(crate) async fn run(
    app: App,
    nats: async_nats::Client,
    lookout: Lookout,
    listener: TcpListener,
    stop: CancellationToken,
) {
    let guarded =
        board::routes(stop.clone()).at("/metrics", metrics::endpoint()).around(guard::admit);
    let begun = Begun { tasks: TaskTracker::new(), stop: stop.clone() };
    let routes = Route::new()
        .at("/health/live", live)
        .at("/health/ready", ready)
        .nest_no_strip("/", guarded)
        .data(app)
        .data(nats)
        .data(lookout)
        .data(begun.clone());
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
    begun.tasks.close();
    begun.tasks.wait().await;
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
