//! What operators ask the worker over HTTP, on a listener of its own: health for everybody who gets
//! there, all else for those with credentials ([`guard`]).

pub(crate) mod guard;

use keyward_core::App;
use poem::{
    EndpointExt as _, Route, RouteMethod, Server, handler, http::StatusCode, listener::TcpAcceptor,
    web::Data,
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::ops::{
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
    let guarded = guarded(stop.clone()).into_iter();
    let guarded = guarded.fold(Route::new(), |all, (path, route)| all.at(path, route));
    let begun = Begun { tasks: TaskTracker::new(), stop: stop.clone() };
    let routes = Route::new()
        .at("/health/live", live)
        .at("/health/ready", ready)
        .nest_no_strip("/", guarded.around(guard::admit))
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

/// What is there for those with credentials.
fn guarded(stop: CancellationToken) -> Vec<(&'static str, RouteMethod)> {
    let mut routes = board::routes(stop);
    routes.push(("/metrics", metrics::endpoint()));
    routes
}

/// The paths of what is there for those with credentials; `:name` stands for anything.
#[must_use]
pub fn guarded_paths() -> Vec<&'static str> {
    guarded(CancellationToken::new()).into_iter().map(|(path, _)| path).collect()
}

#[handler]
fn live() -> &'static str {
    "live\n"
}

#[handler]
fn ready(
    app: Data<&App>,
    nats: Data<&async_nats::Client>,
    lookout: Data<&Lookout>,
) -> (StatusCode, &'static str) {
    let is_written =
        || lookout.latest().is_none_or(|census| census.backlog.unwritable_since.is_none());
    if !app.health.postgres() {
        (StatusCode::SERVICE_UNAVAILABLE, "postgres is unavailable\n")
    } else if nats.connection_state() != async_nats::connection::State::Connected {
        (StatusCode::SERVICE_UNAVAILABLE, "nats is unavailable\n")
    } else if !is_written() {
        (StatusCode::SERVICE_UNAVAILABLE, "nats does not write the stream\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}
