//! What an error looks like: one `Problem` for every status of every route (RFC 9457).

use keyward_core::{
    Error, Refusal,
    error::{FieldFlaw, Kind},
};
use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse, Object,
    payload::Payload,
    registry::{MetaSchemaRef, Registry},
    types::{ToJSON as _, Type as _},
};

use crate::http::rate_limit::whole_seconds;

/// Why a request was not done.
#[derive(Debug, Clone, Object)]
pub(crate) struct Problem {
    /// Names the kind of problem: a path into the documentation of this API.
    #[oai(rename = "type")]
    pub(crate) type_url: String,
    /// The status in words.
    pub(crate) title: String,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What happened, for people.
    pub(crate) detail: String,
    /// What happened, for programs; `snake_case`, never renamed.
    pub(crate) code: String,
    /// Members of the request that break a rule: all of them.
    #[oai(skip_serializing_if_is_none)]
    pub(crate) errors: Option<Vec<Member>>,
    /// The request, as in header `X-Request-Id`.
    pub(crate) request_id: String,
}

/// A member of the request that breaks a rule.
#[derive(Debug, Clone, Object)]
pub(crate) struct Member {
    /// JSON Pointer (RFC 6901) to it; empty for the whole body.
    pub(crate) pointer: String,
    /// What is wrong, for programs.
    pub(crate) code: String,
    /// What is wrong, for people.
    pub(crate) detail: String,
}

impl From<FieldFlaw> for Member {
    fn from(field: FieldFlaw) -> Self {
        Self { pointer: field.pointer, code: field.flaw.code.into(), detail: field.flaw.detail }
    }
}

impl Problem {
    /// A problem that has only a status and a code.
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            type_url: format!("/problems/{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            errors: None,
            request_id: String::new(),
        }
    }

    /// A problem with members of the body.
    pub(crate) fn invalid(errors: Vec<Member>) -> Self {
        let detail = "some members of the request are not acceptable";
        Self {
            errors: Some(errors),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
        }
    }
}

/// A [`Problem`] as the body of a response. The edge fills in the request's id and chooses the
/// media type: only the edge knows them.
#[derive(Debug)]
pub(crate) struct ProblemBody(pub(crate) Problem);

impl Payload for ProblemBody {
    const CONTENT_TYPE: &'static str = "application/problem+json";

    fn schema_ref() -> MetaSchemaRef {
        Problem::schema_ref()
    }

    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}

impl IntoResponse for ProblemBody {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status);
        Response::builder()
            .status(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            .content_type(Self::CONTENT_TYPE)
            .body(self.0.to_json_string())
    }
}

impl From<Problem> for poem::Error {
    fn from(problem: Problem) -> Self {
        Self::from_response(ProblemBody(problem).into_response())
    }
}

/// Every way in which a route can fail.
#[derive(Debug, ApiResponse)]
pub(crate) enum Failure {
    /// The request can never be read, or its link is no good.
    #[oai(status = 400)]
    Malformed(ProblemBody),
    /// Nobody we know asks.
    #[oai(status = 401)]
    Unauthenticated(ProblemBody),
    /// They may not.
    #[oai(status = 403)]
    Forbidden(ProblemBody),
    /// There is no such thing.
    #[oai(status = 404)]
    NotFound(ProblemBody),
    /// The body did not come in time.
    #[oai(status = 408)]
    TooSlow(ProblemBody),
    /// It contradicts what is there.
    #[oai(status = 409)]
    Conflict(ProblemBody),
    /// The account has changed since.
    #[oai(status = 412)]
    Outdated(ProblemBody),
    /// The body is too large.
    #[oai(status = 413)]
    TooLarge(ProblemBody),
    /// The body is not `application/json`.
    #[oai(status = 415)]
    WrongMediaType(ProblemBody),
    /// Some members of the body break a rule; `errors` lists all of them.
    #[oai(status = 422)]
    Invalid(ProblemBody),
    /// `If-Match` is needed.
    #[oai(status = 428)]
    Unconditional(ProblemBody),
    /// Too many requests: come back later.
    #[oai(status = 429)]
    Throttled(
        ProblemBody,
        /// Seconds to wait before trying again.
        #[oai(header = "Retry-After")]
        u64,
        /// The limit that was reached, what is left of it, and for how long.
        #[oai(header = "RateLimit")]
        Option<String>,
        /// The limits there are: so many requests (`q`) in so many seconds (`w`).
        #[oai(header = "RateLimit-Policy")]
        Option<String>,
    ),
    /// A defect on our side.
    #[oai(status = 500)]
    Defect(ProblemBody),
    /// A service this depends on is away, or there is no capacity: try again.
    #[oai(status = 503)]
    Unavailable(
        ProblemBody,
        /// Seconds to wait before trying again.
        #[oai(header = "Retry-After")]
        u64,
    ),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Unavailable(cause) => {
                tracing::warn!(error = format!("{cause:#}"), "a dependency is not available");
                let detail = "a service this depends on is not available; try again in a moment";
                Self::Unavailable(
                    ProblemBody(Problem::new(
                        StatusCode::SERVICE_UNAVAILABLE,
                        "unavailable",
                        detail,
                    )),
                    2,
                )
            }
            Error::Fault(cause) => {
                tracing::error!(error = format!("{cause:#}"), "a defect");
                Self::Defect(ProblemBody(defect()))
            }
        }
    }
}

/// A detail as a sentence, for people to read.
pub(crate) fn sentence(detail: &str) -> String {
    let mut chars = detail.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).chain(['.']).collect()
}

/// The answer to a defect: nothing of its cause.
pub(crate) fn defect() -> Problem {
    let detail = "something went wrong on our side";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "defect", detail)
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let (code, kind) = refusal.contract();
        let problem = |status| ProblemBody(Problem::new(status, code, refusal.to_string()));
        match kind {
            Kind::Malformed => Self::Malformed(problem(StatusCode::BAD_REQUEST)),
            Kind::Unauthenticated => Self::Unauthenticated(problem(StatusCode::UNAUTHORIZED)),
            Kind::Forbidden => Self::Forbidden(problem(StatusCode::FORBIDDEN)),
            Kind::NotFound => Self::NotFound(problem(StatusCode::NOT_FOUND)),
            Kind::Conflict => Self::Conflict(problem(StatusCode::CONFLICT)),
            Kind::Outdated => Self::Outdated(problem(StatusCode::PRECONDITION_FAILED)),
            Kind::Unconditional => Self::Unconditional(problem(StatusCode::PRECONDITION_REQUIRED)),
            Kind::TooLarge => Self::TooLarge(problem(StatusCode::PAYLOAD_TOO_LARGE)),
            Kind::TooSlow => Self::TooSlow(problem(StatusCode::REQUEST_TIMEOUT)),
            Kind::Invalid => {
                let Refusal::Invalid(flaws) = refusal else {
                    return Self::Invalid(problem(StatusCode::UNPROCESSABLE_ENTITY));
                };
                let members = flaws.into_iter().map(Member::from).collect();
                Self::Invalid(ProblemBody(Problem::invalid(members)))
            }
            Kind::Throttled(wait) => {
                let problem = problem(StatusCode::TOO_MANY_REQUESTS);
                Self::Throttled(problem, whole_seconds(wait).max(1), None, None)
            }
            Kind::Busy(wait) => {
                Self::Unavailable(problem(StatusCode::SERVICE_UNAVAILABLE), wait.as_secs().max(1))
            }
        }
    }
}
