//! The operations listener: health for everyone who can reach it, everything else for operators and
//! viewers with credentials ([`guard`]).

pub(crate) mod guard;

use keyward_core::App;
use poem::{
    EndpointExt as _, Route, RouteMethod, Server, handler, http::StatusCode, listener::TcpAcceptor,
    web::Data,
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::ops::{
    board::{self, Background},
    metrics,
    sampler::Sampler,
};

/// Serves until `stop` is cancelled, then waits for running actions.
pub(crate) async fn run(
    app: App,
    nats: async_nats::Client,
    sampler: Sampler,
    listener: TcpListener,
    stop: CancellationToken,
) {
    let guarded = guarded().into_iter();
    let guarded = guarded.fold(Route::new(), |all, (path, route)| all.at(path, route));
    let background = Background { tasks: TaskTracker::new(), stop: stop.clone() };
    let routes = Route::new()
        .at("/health/live", live)
        .at("/health/ready", ready)
        .nest_no_strip("/", guarded.around(board::show_errors).around(guard::admit))
        .data(app)
        .data(nats)
        .data(sampler)
        .data(background.clone());
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
    background.tasks.close();
    background.tasks.wait().await;
}

/// The routes that need credentials.
fn guarded() -> Vec<(&'static str, RouteMethod)> {
    let mut routes = board::routes();
    routes.push(("/metrics", metrics::endpoint()));
    routes
}

/// The paths that need credentials; `:name` is a parameter.
#[must_use]
pub fn guarded_paths() -> Vec<&'static str> {
    guarded().into_iter().map(|(path, _)| path).collect()
}

#[handler]
fn live() -> &'static str {
    "live\n"
}

#[handler]
fn ready(
    app: Data<&App>,
    nats: Data<&async_nats::Client>,
    sampler: Data<&Sampler>,
) -> (StatusCode, String) {
    let is_written =
        || sampler.latest().is_none_or(|snapshot| snapshot.backlog.unwritable_since.is_none());
    let is_connected = nats.connection_state() == async_nats::connection::State::Connected;
    let reason = match app.health.unready() {
        Some(why) => why.text(),
        None if !is_connected => "nats is unavailable",
        None if !is_written() => "nats does not write the stream",
        None if !app.health.can_publish() => "no event could be published for 15 s",
        None => return (StatusCode::OK, "ready\n".to_owned()),
    };
    (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n"))
}
