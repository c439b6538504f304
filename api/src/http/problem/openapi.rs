//! How the OpenAPI document describes a [`Problem`].

use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaResponses, MetaSchemaRef, Registry},
    types::Type as _,
};

use super::{Problem, ProblemBody};

/// The responses of failed requests. `http::openapi` keeps those that can occur on a route.
#[derive(ApiResponse)]
#[expect(dead_code, reason = "only describes the responses: a `Problem` knows its own status")]
enum Failure {
    /// The request is malformed, or its link is invalid, used or expired.
    #[oai(status = 400)]
    BadRequest(Problem),
    /// The credentials or the access token are missing, invalid or expired.
    #[oai(status = 401)]
    Unauthorized(Problem),
    /// The account is not allowed to do this.
    #[oai(status = 403)]
    Forbidden(Problem),
    /// The resource does not exist.
    #[oai(status = 404)]
    NotFound(Problem),
    /// The request body did not arrive in time.
    #[oai(status = 408)]
    RequestTimeout(Problem),
    /// The request conflicts with the current state of the resource.
    #[oai(status = 409)]
    Conflict(Problem),
    /// The account has changed since you read it. Read it again, then retry.
    #[oai(status = 412)]
    PreconditionFailed(Problem),
    /// The request body is too large.
    #[oai(status = 413)]
    ContentTooLarge(Problem),
    /// The media type of the request body is not supported.
    #[oai(status = 415)]
    UnsupportedMediaType(Problem),
    /// Members of the request body are invalid. `errors` lists all of them.
    #[oai(status = 422)]
    UnprocessableContent(Problem),
    /// The `If-Match` header is missing. Send the `ETag` of the account in it.
    #[oai(status = 428)]
    PreconditionRequired(Problem),
    /// Too many requests. Retry after the number of seconds in `Retry-After`.
    #[oai(status = 429)]
    TooManyRequests(
        Problem,
        /// Seconds to wait before the next attempt.
        #[oai(header = "Retry-After")]
        u64,
        /// The limit that is closest to exhaustion: `r` requests left, reset in `t` seconds.
        #[oai(header = "RateLimit")]
        Option<String>,
        /// The limits of this route: `q` requests in `w` seconds.
        #[oai(header = "RateLimit-Policy")]
        Option<String>,
    ),
    /// An internal error occurred. Report the `request_id` to the operator.
    #[oai(status = 500)]
    InternalServerError(Problem),
    /// A dependency is unavailable, or the server is busy. Retry after `Retry-After`.
    #[oai(status = 503)]
    ServiceUnavailable(
        Problem,
        /// Seconds to wait before the next attempt.
        #[oai(header = "Retry-After")]
        u64,
    ),
}

impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        Failure::meta()
    }

    fn register(registry: &mut Registry) {
        Failure::register(registry);
    }
}

impl Payload for Problem {
    const CONTENT_TYPE: &'static str = "application/problem+json";

    fn schema_ref() -> MetaSchemaRef {
        ProblemBody::schema_ref()
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
    }
}
