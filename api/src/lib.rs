//! The HTTP API.
//!
//! | what | where |
//! |---|---|
//! | `POST`, `PUT`, `PATCH`, `DELETE` | `routes/commands/` |
//! | `GET` | `routes/queries/` |
//! | the streams of `GET /v1/revocations` | `routes/feed/` |
//! | HTML for email recipients, and for browsers elsewhere | `routes/pages/`, `templates/`, `assets/` |
//! | authentication | `http/auth` |
//! | parameters and cursors | `http/parameters`, `http/pagination`, `http/cursor` |
//! | the client's address, its host, its share, what it accepts | `http/client`, `http/host`, `http/share`, `http/accept` |
//! | rate limits | `http/rate_limit` |
//! | request bodies | `http/payload`, `http/json`, `http/body`, `http/upload` |
//! | `ETag` and `If-Match` | `http/etag` |
//! | `Idempotency-Key` | `http/idempotency` |
//! | problem details | `http/problem` |
//! | every request | `http/edge`, `http/cors` |
//! | every connection | `http/server` |
//! | the OpenAPI document | `http/openapi`, `http/docs` |
//! | content that never changes | `http/content`, `http/assets` |
//! | health, and metrics for operators | `http/ops` |
//! | the command line | [`cli`] |
//!
//! A route does three things: parse, execute, answer. `routes` imports `http`, and `http` imports
//! `keyward_core`; never the other way round.

pub mod cli;
mod http;
mod routes;
#[cfg(test)]
mod test_app;

use futures_util::{StreamExt as _, future::OptionFuture};
use keyward_core::{App, domain::Purpose};
use poem::{Endpoint, EndpointExt as _, Response, Route, get};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    http::{
        assets, cors, docs,
        edge::Edge,
        idempotency, openapi,
        ops::{self, is_connected},
        parameters::Parameters,
        paths::Paths,
        rate_limit, server,
        share::Shares,
    },
    routes::{
        discovery,
        feed::Feed,
        pages::browser::{self, CHANGE_PASSWORD},
    },
};

/// The OpenAPI document, as `/openapi.json` serves it.
///
/// # Errors
///
/// If the document cannot be built, which is a defect.
pub fn openapi_document() -> anyhow::Result<serde_json::Value> {
    openapi::complete(&routes::service().spec())
}

/// All routes of the public listener.
///
/// # Errors
///
/// If a template or a message of the pages is malformed, or the OpenAPI document cannot be built, which is
/// a defect.
fn routes(
    app: App,
    nats: async_nats::Client,
    feed: Feed,
) -> anyhow::Result<impl Endpoint<Output = Response>> {
    let service = routes::service();
    let spec = service.spec();
    let document = openapi::complete(&spec)?;
    let json = document.to_string();
    let swagger_ui = service.swagger_ui_html().replace(&spec, &json);
    let others = [
        "/assets/{name}",
        "/docs",
        "/openapi.json",
        "/health/live",
        "/health/ready",
        CHANGE_PASSWORD,
    ];
    let others = others.into_iter().chain(discovery::PATHS).map(|path| (path, "GET"));
    let pages = Purpose::ALL.iter().map(|purpose| (purpose.page(), "GET, POST"));
    let paths = Paths::new(&document, pages.chain(others));
    let html = routes::pages::load(&app)?;
    let parameters = Parameters::new(&document, paths.clone());
    let service = parameters.wrap(idempotency::wrap(service));
    let edge = Edge { paths, app: app.clone(), shares: Shares::default() };
    let mut route = Route::new()
        .nest("/", rate_limit::wrap(service))
        .at("/assets/:name", get(assets::serve(&app.settings.brand)))
        .at("/openapi.json", get(docs::document(json)))
        .at("/docs", get(docs::swagger_ui(&swagger_ui)))
        .at("/health/live", get(ops::live))
        .at("/health/ready", get(ops::ready))
        .at(CHANGE_PASSWORD, get(browser::change_password));
    for path in discovery::PATHS {
        route = route.at(path, get(discovery::endpoint(&app)));
    }
    for purpose in Purpose::ALL {
        route = route.at(purpose.page(), routes::pages::endpoint(*purpose, &html));
    }
    let origins = app.settings.cors_origins.clone();
    // The type of each layer contains those below, some twice: optimised builds exceed a limit.
    let endpoint = browser::wrap(route, &html).data(app).data(nats).data(feed).map_to_response();
    let endpoint = endpoint.boxed();
    Ok(edge.wrap(cors::allow(endpoint, &origins)))
}

/// Serves until `stop` is cancelled, then completes the requests in progress. `ops` is the listener
/// for operators.
///
/// # Errors
///
/// If a listener fails.
pub async fn run(
    app: App,
    nats: async_nats::Client,
    listener: TcpListener,
    ops: Option<TcpListener>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut background = JoinSet::new();
    for (locale, lacks) in app.settings.brand.languages.incomplete() {
        let (language, messages) = (locale.as_str(), lacks.len());
        tracing::warn!(language, messages, "English stands in for messages that are missing");
    }
    background.spawn(app.clone().watch());
    let feed = Feed::new(app.clone(), stop.clone());
    background.spawn(feed.clone().run());
    background.spawn(nudge(app.clone(), nats.clone(), feed.clone()));
    background.spawn(follow_nudges(app.clone(), nats.clone(), feed.clone()));
    app.metrics.show_http();
    let for_operators = ops::routes(app.clone(), nats.clone());
    let settings = &app.settings;
    let ops = ops.map(|ops| server::serve(ops, for_operators, settings, stop.clone()));
    let ops = async { OptionFuture::from(ops).await.unwrap_or(Ok(())) };
    let public = server::serve(listener, routes(app.clone(), nats, feed)?, settings, stop.clone());
    tokio::try_join!(public, ops).map(|_| ())
}

/// Wakes the feed of this process and the relay after commits. A lost nudge delays an event by a second.
async fn nudge(app: App, nats: async_nats::Client, feed: Feed) {
    let subject = app.nudge_subject();
    loop {
        app.committed.notified().await;
        feed.wake();
        if is_connected(&nats) {
            // A client without a connection would queue the message.
            let _ = nats.publish(subject.clone(), Vec::new().into()).await;
        }
    }
}

/// Wakes the feed after commits of other processes. Without NATS it polls.
async fn follow_nudges(app: App, nats: async_nats::Client, feed: Feed) {
    let Ok(mut nudges) = nats.subscribe(app.nudge_subject()).await else { return };
    while nudges.next().await.is_some() {
        feed.wake();
    }
}
