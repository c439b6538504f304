//! Cross-origin requests: pages of the configured origins may read the API. No cookies are involved.

use poem::{
    Endpoint, EndpointExt as _, Request, Response,
    endpoint::BoxEndpoint,
    http::{Method, header},
    middleware::{Cors, SetHeader},
};

/// Request headers that pages of other origins may send.
const ALLOWED: [&str; 8] = [
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-request-id",
    "traceparent",
    "tracestate",
];
/// Response headers that pages of other origins may read.
const EXPOSED: [&str; 8] = [
    "x-request-id",
    "retry-after",
    "ratelimit",
    "ratelimit-policy",
    "location",
    "link",
    "etag",
    "idempotency-replayed",
];

/// Lets pages of the configured origins read the responses of an endpoint.
pub(crate) fn allow(
    endpoint: BoxEndpoint<'static>,
    origins: &[String],
) -> impl Endpoint<Output = Response> + use<> {
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let cors = Cors::new()
        .allow_origins(origins)
        .allow_methods(methods)
        .allow_headers(ALLOWED)
        .expose_headers(EXPOSED)
        .max_age(600);
    let (is_used, known) = (!origins.is_empty(), origins.to_vec());
    endpoint
        .with_if(is_used, cors)
        .with_if(is_used, SetHeader::new().overriding(header::VARY, "origin, accept-encoding"))
        .before(move |request| std::future::ready(Ok(without_unknown_origin(request, &known))))
        .map_to_response()
}

/// Removes an origin that is not configured. The request is answered as usual, without the headers
/// that let its page read the response. poem would refuse it, even from the forms of our own pages.
fn without_unknown_origin(mut request: Request, known: &[String]) -> Request {
    let origin = request.headers().get(header::ORIGIN);
    if !origin.is_some_and(|origin| known.iter().any(|known| known == origin)) {
        request.headers_mut().remove(header::ORIGIN);
    }
    request
}
