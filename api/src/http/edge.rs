//! What holds for every request, whatever route it takes: its id and trace, the headers that
//! protect (OWASP ASVS 5.0, 3.4), the one shape of errors (16.5.1, 16.5.4), one log line.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use futures_util::FutureExt as _;
use keyward_core::{
    App,
    infra::telemetry,
    origin::{Origin, Trace},
};
use poem::{
    Endpoint, IntoResponse as _, Middleware, Request, Response,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
};
use poem_openapi::payload::Payload as _;
use serde_json::Value;
use tracing::Instrument as _;

use crate::http::{
    client,
    openapi::Routes,
    problem::{self, Problem, ProblemBody},
};

/// Policy of everything that is not a page: a browser must do nothing with it.
const API_CSP: &str = "default-src 'none'; frame-ancestors 'none'";
/// Longest `User-Agent` that is kept, in characters.
const MAX_USER_AGENT: usize = 256;

/// Wraps all routes.
pub(crate) struct Edge {
    /// Which methods a path knows, for `Allow`.
    pub(crate) routes: Routes,
    /// Whether the site is served over https.
    pub(crate) hsts: bool,
    /// Knows which proxies are believed.
    pub(crate) app: App,
}

impl<E: Endpoint> Middleware<E> for Edge {
    type Output = EdgeEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        let Self { routes, hsts, app } = self;
        EdgeEndpoint {
            inner,
            routes: routes.clone(),
            hsts: *hsts,
            app: app.clone(),
            unknown: "-".into(),
        }
    }
}

/// See [`Edge`].
pub(crate) struct EdgeEndpoint<E> {
    inner: E,
    routes: Routes,
    hsts: bool,
    app: App,
    /// The route of what has none.
    unknown: Arc<str>,
}

impl<E: Endpoint> Endpoint for EdgeEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let began_at = Instant::now();
        let _under_way = self.app.metrics.http.begun();
        let path = request.uri().path().to_owned();
        let (method, route) = (method(request.method()), self.route(&path));
        let mut origin = origin(&request, &self.app);
        let step = tracing::debug_span!(
            "http",
            otel.name = %format_args!("{method} {route}"),
            otel.kind = "server",
            http.request.method = method,
            http.route = %route,
            http.response.status_code = tracing::field::Empty,
        );
        telemetry::join(&step, text(&request, "traceparent"), &mut origin.trace);
        let trace = origin.trace.clone();
        let plain_json = prefers_plain_json(request.headers());
        request.extensions_mut().insert(origin);

        let span = tracing::info_span!(
            "request",
            request.id = trace.request_id,
            trace.id = trace.trace_id(),
            user.id = tracing::field::Empty,
        );
        async {
            // A panic is a defect of one request, not of the process.
            let answer = AssertUnwindSafe(self.inner.call(request)).catch_unwind().await;
            let mut response = match answer {
                Ok(Ok(output)) => output.into_response(),
                Ok(Err(error)) => response_to(error),
                Err(_) => ProblemBody(problem::defect()).into_response(),
            };
            if response.status() == StatusCode::METHOD_NOT_ALLOWED
                && let Ok(allow) = HeaderValue::from_str(&self.routes.allow(&path))
            {
                response.headers_mut().insert(header::ALLOW, allow);
            }
            match response.content_type() {
                Some(ProblemBody::CONTENT_TYPE) => {
                    complete(&mut response, &trace, plain_json).await?;
                }
                // JSON has one charset, and generators of clients stumble over it.
                Some("application/json; charset=utf-8") => {
                    set(&mut response, header::CONTENT_TYPE, "application/json");
                }
                _ => {}
            }
            self.protect(response.headers_mut(), &trace);
            let (status, took) = (response.status().as_u16(), began_at.elapsed());
            step.record("http.response.status_code", i64::from(status));
            if response.status().is_server_error() {
                telemetry::failed(&step);
            }
            let duration_ms = took.as_secs_f64() * 1_000.0;
            tracing::info!(method, %route, status, duration_ms, "request answered");
            self.app.metrics.http.answered(route, method, status, took);
            Ok(response)
        }
        .instrument(span)
        .instrument(step.clone())
        .await
    }
}

impl<E> EdgeEndpoint<E> {
    /// The template of a path, or `-`.
    fn route(&self, path: &str) -> Arc<str> {
        Arc::clone(self.routes.template(path).unwrap_or(&self.unknown))
    }

    /// Headers that every response carries, unless its route has said something else.
    fn protect(&self, headers: &mut HeaderMap, trace: &Trace) {
        let mut default = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        default(header::REFERRER_POLICY, "no-referrer");
        default(header::CACHE_CONTROL, "no-store");
        default(header::CONTENT_SECURITY_POLICY, API_CSP);
        if self.hsts {
            default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
        }
        if let Ok(id) = HeaderValue::from_str(&trace.request_id) {
            headers.insert("x-request-id", id);
        }
    }
}

fn text<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The name of a method; there are as many as clients like to make up, so most have none.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Where the request comes from.
fn origin(request: &Request, app: &App) -> Origin {
    let peer = request.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip);
    let is_trusted = |ip| app.settings.limits.trusts(ip);
    let text = |name| text(request, name);
    Origin {
        trace: Trace::continue_from(text("x-request-id"), text("traceparent")),
        ip: client::address(peer, request.headers(), is_trusted),
        user_agent: text("user-agent").map(|agent| agent.chars().take(MAX_USER_AGENT).collect()),
    }
}

/// What the frameworks below us refuse by themselves, in our shape.
pub(crate) fn response_to(error: poem::Error) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    let problem = match error.status() {
        status @ StatusCode::NOT_FOUND => {
            Problem::new(status, "not_found", "there is nothing here")
        }
        status @ StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(status, "method_not_allowed", "this address does not know this method")
        }
        status if status.is_client_error() => {
            Problem::new(status, "malformed", "the request cannot be read")
        }
        _ => {
            tracing::error!(%error, "a defect");
            problem::defect()
        }
    };
    ProblemBody(problem).into_response()
}

/// Completes a problem: its request id, its media type, and the challenge of a 401.
async fn complete(response: &mut Response, trace: &Trace, plain_json: bool) -> poem::Result<()> {
    let body = response.take_body().into_bytes().await?;
    let mut problem: Value =
        serde_json::from_slice(&body).map_err(poem::error::InternalServerError)?;
    if response.status() == StatusCode::UNAUTHORIZED {
        // RFC 6750, section 3: the error is named only if a token came.
        let challenge = match problem["code"].as_str() {
            Some("token_invalid" | "session_ended") => "Bearer error=\"invalid_token\"",
            _ => "Bearer",
        };
        set(response, header::WWW_AUTHENTICATE, challenge);
    }
    problem["request_id"] = Value::String(trace.request_id.clone());
    response.set_body(problem.to_string());
    if plain_json {
        set(response, header::CONTENT_TYPE, "application/json");
    }
    Ok(())
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}

/// Whether the client asks for `application/json` and not for `application/problem+json`.
fn prefers_plain_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let accepts = |wanted: &str| {
        accept.split(',').any(|item| {
            item.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
        })
    };
    accepts("application/json") && !accepts("application/problem+json")
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use keyward_core::{infra::clock::Clock, settings::Settings};
    use poem::{EndpointExt as _, endpoint::make_sync};

    use super::*;

    /// An app that has nothing around it: what it depends on is not there.
    fn app() -> App {
        let key = |from: u8| STANDARD.encode(std::array::from_fn::<u8, 32, _>(|n| from + n as u8));
        let get = |name: &str| match name {
            "LINK_KEY" => Some(key(0)),
            "WEBHOOK_KEY" => Some(key(50)),
            "SESSION_KEY" | "SIGNING_KEYS" => Some(key(100)),
            "OPS_OPERATORS" | "OPS_VIEWERS" => Some(key(150)),
            "DATABASE_URL" => Some("postgres://127.0.0.1:1/none".to_owned()),
            "REDIS_URL" | "NATS_URL" | "SMTP_URL" => Some("redis://127.0.0.1:1".to_owned()),
            _ => None,
        };
        App::new(Settings::from_env(get).unwrap(), Clock::default()).unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_one_500_and_tells_nothing() {
        let edge = Edge { routes: Routes::default(), hsts: false, app: app() };
        let panics = make_sync(|request| match request.uri().path() {
            "/panic" => panic!("select secret from /etc/passwd"),
            _ => "fine",
        });
        let endpoint = panics.with(edge);
        let ask = async |path: &'static str| {
            let request = Request::builder().uri(poem::http::Uri::from_static(path)).finish();
            endpoint.get_response(request).await
        };

        let response = ask("/panic").await;
        let status = response.status();
        let body = response.into_body().into_string().await.unwrap();

        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.contains("\"code\":\"defect\"") && !body.contains("secret"), "{body}");
        assert_eq!(ask("/").await.status(), StatusCode::OK, "the next one is answered");
    }
}
