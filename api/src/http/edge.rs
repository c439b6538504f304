//! Middleware around every route: one valid host, a share per client network, request id and trace,
//! security headers (OWASP ASVS 5.0, 3.4), one shape of errors (16.5.1, 16.5.4), one log line.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use futures_util::FutureExt as _;
use keyward_core::{
    App,
    infra::telemetry,
    origin::{Origin, Trace},
};
use poem::{
    Endpoint, EndpointExt as _, IntoResponse as _, Request, Response,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
};
use tracing::Instrument as _;

use super::{
    accept::prefers_plain_json,
    client, host,
    paths::Paths,
    problem::{self, Problem},
    share::Shares,
};

/// The policy of every response that is not a page: a browser must not do anything with it.
const API_CSP: &str = "default-src 'none'; frame-ancestors 'none'";
/// Longest `User-Agent` that is kept, in characters.
const MAX_USER_AGENT: usize = 256;

/// What the middleware works with.
pub(crate) struct Edge {
    /// The paths and their methods, for `Allow` and for labels.
    pub(crate) paths: Paths,
    /// Knows the trusted proxies; counts requests.
    pub(crate) app: App,
    /// Bounds the requests in progress.
    pub(crate) shares: Shares,
}

impl Edge {
    /// Wraps all routes.
    pub(crate) fn wrap<E: Endpoint + 'static>(self, routes: E) -> impl Endpoint<Output = Response> {
        let edge = Arc::new(self);
        routes.around(move |inner, request| {
            let edge = Arc::clone(&edge);
            async move { Ok(edge.answer(&*inner, request).await) }
        })
    }

    async fn answer(&self, inner: &impl Endpoint, mut request: Request) -> Response {
        let began_at = Instant::now();
        let _under_way = self.app.metrics.http.begun();
        let path = request.uri().path().to_owned();
        let route = self.paths.label(&path);
        let method = method(request.method());
        let mut origin = origin(&request, &self.app);
        let step = tracing::debug_span!(
            "http",
            otel.name = %format_args!("{method} {route}"),
            otel.kind = "server",
            http.request.method = method,
            http.route = %route,
            http.response.status_code = tracing::field::Empty,
        );
        telemetry::join(&step, traceparent(&request), &mut origin.trace);
        let trace = origin.trace.clone();
        let plain_json = prefers_plain_json(request.headers());
        // Counted until the response is dropped, which the client has read then.
        let share = origin.network().map(|network| self.shares.begin(network));
        let nth = share.as_ref().map_or(0, |share| share.nth);
        let admitted = self.admit(&request, nth);
        request.extensions_mut().insert(origin);

        let span = tracing::info_span!(
            "request",
            request.id = trace.request_id,
            trace.id = trace.trace_id(),
            user.id = tracing::field::Empty,
            service_token.id = tracing::field::Empty,
        );
        async {
            // A panic is a defect of one request, not of the process.
            let answer = async {
                match admitted {
                    Ok(()) => problem::answer(inner, request).await,
                    Err(problem) => problem.into_response(),
                }
            };
            let answer = AssertUnwindSafe(answer).catch_unwind().await;
            let mut response = answer.unwrap_or_else(|_| Problem::defect().into_response());
            if let Some(problem) = response.extensions_mut().remove::<Problem>() {
                problem.render(&mut response, &trace.request_id, plain_json);
            }
            if nth > 2 * self.app.settings.http.max_requests_per_network {
                // Nothing waits in memory for a client that does not read.
                response.set_body(());
                response.headers_mut().remove(header::CONTENT_TYPE);
            }
            response.extensions_mut().insert(Arc::new(share));
            self.complete(&mut response, &path, &trace);
            let (status, took) = (response.status().as_u16(), began_at.elapsed());
            step.record("http.response.status_code", i64::from(status));
            if response.status().is_server_error() {
                telemetry::failed(&step);
            }
            let duration_ms = took.as_secs_f64() * 1_000.0;
            tracing::info!(method, %route, status, duration_ms, "request answered");
            self.app.metrics.http.answered(route, method, status, took);
            response
        }
        .instrument(span)
        .instrument(step.clone())
        .await
    }

    /// Checks the host, and whether a network may have this number of requests in progress.
    fn admit(&self, request: &Request, requests: usize) -> Result<(), Problem> {
        if !host::is_valid(request) {
            let detail = "a request must name exactly one valid host";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "malformed", detail));
        }
        if requests > self.app.settings.http.max_requests_per_network {
            let detail = "too many requests of this network are in progress; try again in a moment";
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail);
            return Err(Problem { retry_after_s: Some(1), ..problem });
        }
        Ok(())
    }

    /// Adds the headers of every response. A route may set stricter or looser ones.
    fn complete(&self, response: &mut Response, path: &str, trace: &Trace) {
        let is_unknown_method = response.status() == StatusCode::METHOD_NOT_ALLOWED;
        // JSON has one charset, and client generators fail on the parameter.
        let has_charset = response.content_type() == Some("application/json; charset=utf-8");
        let headers = response.headers_mut();
        if has_charset {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let mut default = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        default(header::REFERRER_POLICY, "no-referrer");
        default(header::CACHE_CONTROL, "no-store");
        default(header::CONTENT_SECURITY_POLICY, API_CSP);
        if self.app.settings.public_url.scheme() == "https" {
            default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
        }
        if is_unknown_method && let Ok(allow) = HeaderValue::from_str(&self.paths.allow(path)) {
            headers.insert(header::ALLOW, allow);
        }
        if let Ok(id) = HeaderValue::from_str(&trace.request_id) {
            headers.insert("x-request-id", id);
        }
    }
}

/// A method as a label. Clients may invent methods, so unknown ones share a label.
fn method(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// The `traceparent` of a request; none if it has several.
fn traceparent(request: &Request) -> Option<&str> {
    let mut lines = request.headers().get_all("traceparent").iter();
    let line = lines.next().filter(|_| lines.next().is_none());
    line.and_then(|line| line.to_str().ok())
}

/// Where a request comes from.
fn origin(request: &Request, app: &App) -> Origin {
    let peer = request.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip);
    let is_trusted = |ip| app.settings.limits.trusts(ip);
    let user_agent = request.header("user-agent");
    let lines = request.headers().get_all("tracestate").iter();
    let state: Vec<_> = lines.filter_map(|line| line.to_str().ok()).collect();
    let state = state.join(",");
    Origin {
        trace: Trace::continue_from(request.header("x-request-id"), traceparent(request), &state),
        ip: client::address(peer, request.headers(), is_trusted),
        user_agent: user_agent.map(|agent| agent.chars().take(MAX_USER_AGENT).collect()),
        claim: None,
    }
}

#[cfg(test)]
mod tests {
    use poem::endpoint::make_sync;

    use super::*;
    use crate::test_app::test_app;

    #[tokio::test]
    async fn a_panic_is_one_500_that_reveals_nothing() {
        let edge = Edge { paths: Paths::default(), app: test_app(), shares: Shares::default() };
        let panics = make_sync(|request| match request.uri().path() {
            "/panic" => panic!("select secret from /etc/passwd"),
            _ => "fine",
        });
        let endpoint = edge.wrap(panics);
        let get = async |path: &'static str| {
            let request = Request::builder().uri(poem::http::Uri::from_static(path));
            let request = request.header(header::HOST, "x").finish();
            endpoint.get_response(request).await
        };

        let response = get("/panic").await;
        let status = response.status();
        let body = response.into_body().into_string().await.unwrap();

        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.contains("\"code\":\"defect\"") && !body.contains("secret"), "{body}");
        assert_eq!(get("/").await.status(), StatusCode::OK, "the next request is served");
    }
}
