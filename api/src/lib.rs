//! The HTTP API.
//!
//! | what | where |
//! |---|---|
//! | `POST`, `PUT`, `PATCH`, `DELETE` | `routes/commands/` |
//! | `GET` | `routes/queries/` |
//! | HTML for email recipients | `routes/pages/`, `templates/`, `assets/` |
//! | authentication | `http/auth` |
//! | the client's address | `http/client` |
//! | rate limits | `http/rate_limit` |
//! | how bodies are read | `http/body`, `http/json`, `http/upload` |
//! | `ETag` and `If-Match` | `http/etag` |
//! | problem details | `http/problem` |
//! | what holds for every request | `http/edge` |
//! | what holds for every connection | `http/server` |
//! | the OpenAPI document | `http/openapi`, `http/docs` |
//! | health, and metrics for operators | `http/health`, `http/ops` |
//! | the command line | [`cli`] |
//!
//! A route does three things: parse, execute, answer.

pub mod cli;
mod http;
mod routes;

use std::future::ready;

use keyward_core::App;
use poem::{
    Endpoint, EndpointExt as _, Request, Response, Route, get,
    http::{Method, header},
    middleware::{Cors, SetHeader},
};
use poem_openapi::OpenApiService;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    http::{edge::Edge, openapi::Routes, rate_limit::RateLimit},
    routes::{
        commands::{
            AdministrationCommands, AvatarCommands, EmailChangeCommands, EmailVerificationCommands,
            InvitationCommands, PasswordResetCommands, SessionCommands, UserCommands,
            WebhookCommands,
        },
        pages::{
            AcceptInvitationPage, Assets, ConfirmEmailPage, ResetPasswordPage, UndoEmailPage,
            VerifyEmailPage,
        },
        queries::{
            AdministrationQueries, AvatarQueries, EventQueries, InvitationQueries, KeyQueries,
            SessionQueries, UserQueries, WebhookQueries,
        },
    },
};

/// The OpenAPI document, as `/openapi.json` serves it.
///
/// # Errors
///
/// If it cannot be made, which is a defect.
pub fn openapi_document() -> anyhow::Result<serde_json::Value> {
    http::openapi::document(&service().spec())
}

fn service() -> OpenApiService<impl poem_openapi::OpenApi, ()> {
    let api = (
        UserCommands,
        UserQueries,
        EmailVerificationCommands,
        EmailChangeCommands,
        SessionCommands,
        SessionQueries,
        PasswordResetCommands,
        AdministrationCommands,
        AdministrationQueries,
        InvitationCommands,
        InvitationQueries,
        AvatarCommands,
        AvatarQueries,
        (EventQueries, WebhookCommands, WebhookQueries),
        KeyQueries,
    );
    OpenApiService::new(api, "Keyward", env!("CARGO_PKG_VERSION")).description(
        "Accounts, sessions and passwords. Every change is an event that provably arrives.",
    )
}

/// All routes, ready to be served.
///
/// # Errors
///
/// If the OpenAPI document cannot be made, which is a defect.
pub fn routes(
    app: App,
    nats: async_nats::Client,
) -> anyhow::Result<impl Endpoint<Output = Response>> {
    let service = service();
    let document = openapi_document()?;
    let json = document.to_string();
    let docs = service.swagger_ui_html().replace(&service.spec(), &json);
    let edge = Edge {
        routes: Routes::new(&document, routes::pages::ROUTES),
        hsts: app.settings.public_url.scheme() == "https",
        app: app.clone(),
    };
    let origins = app.settings.cors_origins.clone();
    let cors = cors(&origins);
    Ok(Route::new()
        .nest("/", service)
        .at("/verify-email", routes::pages::endpoint::<VerifyEmailPage>())
        .at("/reset-password", routes::pages::endpoint::<ResetPasswordPage>())
        .at("/confirm-email", routes::pages::endpoint::<ConfirmEmailPage>())
        .at("/undo-email", routes::pages::endpoint::<UndoEmailPage>())
        .at("/accept-invitation", routes::pages::endpoint::<AcceptInvitationPage>())
        .at("/assets/:name", get(Assets::endpoint()))
        .at("/openapi.json", get(http::docs::document(json)))
        .at("/docs", get(http::docs::swagger_ui(&docs)))
        .at("/health/live", get(http::health::live))
        .at("/health/ready", get(http::health::ready))
        .with(RateLimit(app.clone()))
        .data(app)
        .data(nats)
        // The type of each layer holds those below, some twice: optimised builds give up on it.
        .boxed()
        .with_if(cors.is_some(), cors.unwrap_or_default())
        .with_if(!origins.is_empty(), SetHeader::new().overriding(header::VARY, "origin"))
        .before(move |request| ready(Ok(without_unknown_origin(request, &origins))))
        .with(edge)
        .map_to_response())
}

/// Headers of an answer that pages of other origins may read.
const EXPOSED: [&str; 7] =
    ["x-request-id", "retry-after", "ratelimit", "ratelimit-policy", "location", "link", "etag"];

/// Lets pages of the configured origins call the API; nobody else's. No cookies are involved.
fn cors(origins: &[String]) -> Option<Cors> {
    (!origins.is_empty()).then(|| {
        Cors::new()
            .allow_origins(origins)
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers([
                "authorization",
                "content-type",
                "if-match",
                "if-none-match",
                "x-request-id",
                "traceparent",
            ])
            .expose_headers(EXPOSED)
            .max_age(600)
    })
}

/// A request from an origin that is not configured is answered as ever, only without the headers
/// that would let its page read the answer. poem refuses it, and the forms of our own pages, too.
fn without_unknown_origin(mut request: Request, known: &[String]) -> Request {
    let origin = request.headers().get(header::ORIGIN);
    if !origin.is_some_and(|origin| known.iter().any(|known| known == origin)) {
        request.headers_mut().remove(header::ORIGIN);
    }
    request
}

/// Serves until it is told to stop; then ends the requests under way and returns. `ops` is where
/// operators ask.
///
/// # Errors
///
/// If a listener cannot be used.
pub async fn run(
    app: App,
    nats: async_nats::Client,
    listener: TcpListener,
    ops: Option<TcpListener>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut background = JoinSet::new();
    background.spawn(app.clone().watch());
    background.spawn(nudge(app.clone(), nats.clone()));
    app.metrics.show_http();
    let client = nats.clone();
    app.metrics.show_dependency("nats", move || is_connected(&client));
    let for_operators = http::ops::routes(app.clone(), nats.clone());
    let http = &app.settings.http;
    let ops = async {
        match ops {
            Some(ops) => http::server::serve(ops, for_operators, http, stop.clone()).await,
            None => Ok(()),
        }
    };
    let public = http::server::serve(listener, routes(app.clone(), nats)?, http, stop.clone());
    tokio::try_join!(public, ops).map(|_| ())
}

fn is_connected(nats: &async_nats::Client) -> bool {
    nats.connection_state() == async_nats::connection::State::Connected
}

/// Wakes the relay after commits. A nudge that is lost costs a second, nothing else.
async fn nudge(app: App, nats: async_nats::Client) {
    let subject = app.nudge_subject();
    loop {
        app.committed.notified().await;
        if is_connected(&nats) {
            // Bounded: a client without a connection queues what it is given.
            let _ = nats.publish(subject.clone(), Vec::new().into()).await;
        }
    }
}
