//! Errors on the wire: one [`Problem`] for every status of every route (RFC 9457).

mod openapi;

use std::time::Duration;

use keyward_core::{
    Error, Refusal,
    error::{FieldFlaw, Flaw, Kind, ParameterFlaw},
};
use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{payload::Payload as _, types::ToJSON as _};

use super::objects::objects;

/// What a client should wait while a dependency is unavailable, in seconds.
const UNAVAILABLE_RETRY_S: u32 = 2;

/// Why a request failed.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// What went wrong, for programs.
    pub(crate) code: &'static str,
    /// What went wrong, for people.
    pub(crate) detail: String,
    /// The invalid members of the request body.
    pub(crate) errors: Option<Vec<FieldFlaw>>,
    /// The invalid parameters of the request.
    pub(crate) parameters: Option<Vec<ParameterFlaw>>,
    /// Seconds to wait before the next attempt.
    pub(crate) retry_after_s: Option<u32>,
    /// The rate limit that is exhausted, or the scope that a service token lacks.
    pub(crate) subject: Option<&'static str>,
}

objects! {
    /// Describes an error.
    #[oai(rename = "Problem")]
    ProblemBody from (problem, request_id): (Problem, &str) {
        /// Identifies the kind of error: a path in the documentation of this API.
        #[oai(rename = "type")]
        type_url: String = format!("/problems/{}", problem.code),
        /// The meaning of the HTTP status.
        title: String = problem.status.canonical_reason().unwrap_or("Error"),
        /// The HTTP status.
        status: u16 = problem.status,
        /// What went wrong, for people.
        detail: String = problem.detail,
        /// What went wrong, for programs. In `snake_case`; a code is never renamed.
        code: String = problem.code,
        /// Every member of the request body, or every parameter, that is invalid.
        #[oai(skip_serializing_if_is_none)]
        errors: Option<Vec<Invalid>> = invalid(problem.errors, problem.parameters),
        /// The id of the request, as in the `X-Request-Id` header.
        request_id: String = request_id,
    }

    /// Describes an invalid member of the request body, or an invalid parameter.
    Invalid from (pointer, parameter, flaw): (Option<String>, Option<String>, Flaw) {
        /// JSON Pointer to the member (RFC 6901). Empty for the body as a whole.
        #[oai(skip_serializing_if_is_none)]
        pointer: Option<String> = pointer,
        /// Name of the parameter: in the path, in the query, or a header.
        #[oai(skip_serializing_if_is_none)]
        parameter: Option<String> = parameter,
        /// What is wrong, for programs.
        code: String = flaw.code,
        /// What is wrong, for people.
        detail: String = flaw.detail,
    }
}

fn invalid(
    members: Option<Vec<FieldFlaw>>,
    parameters: Option<Vec<ParameterFlaw>>,
) -> Option<Vec<Invalid>> {
    if members.is_none() && parameters.is_none() {
        return None;
    }
    let members = members
        .into_iter()
        .flatten()
        .map(|FieldFlaw { pointer, flaw }| Invalid::from((Some(pointer), None, flaw)));
    let parameters = parameters
        .into_iter()
        .flatten()
        .map(|ParameterFlaw { parameter, flaw }| Invalid::from((None, Some(parameter), flaw)));
    Some(members.chain(parameters).collect())
}

impl Problem {
    /// A problem with a status and a code.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let (errors, parameters) = (None, None);
        Self { status, code, detail, errors, parameters, retry_after_s: None, subject: None }
    }

    /// The request body has the wrong media type (415).
    pub(crate) fn wrong_media_type(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type", detail)
    }

    /// The request body has a content coding (415).
    pub(crate) fn wrong_content_coding() -> Self {
        let detail = "send the body without a content coding";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_content_coding", detail)
    }

    /// A defect (500). Says nothing about its cause.
    pub(crate) fn defect() -> Self {
        let detail = "something went wrong on our side";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "defect", detail)
    }

    /// The challenge (RFC 6750, section 3), which names an error only if the request had a token.
    fn challenge(&self) -> Option<HeaderValue> {
        let challenge = match (self.status, self.code) {
            (StatusCode::UNAUTHORIZED, "token_invalid" | "session_ended") => {
                "Bearer error=\"invalid_token\""
            }
            (StatusCode::UNAUTHORIZED, _) => "Bearer",
            (_, "scope_missing") => match self.subject {
                Some(scope) => {
                    let text = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
                    return HeaderValue::try_from(text).ok();
                }
                None => "Bearer error=\"insufficient_scope\"",
            },
            _ => return None,
        };
        Some(HeaderValue::from_static(challenge))
    }

    /// Writes the problem into the response that carries it.
    pub(crate) fn render(self, response: &mut Response, request_id: &str, plain_json: bool) {
        let media_type = if plain_json { "application/json" } else { Self::CONTENT_TYPE };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        if let Some(challenge) = self.challenge() {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if self.code == "wrong_content_coding" {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        let vary = headers.get(header::VARY).and_then(|vary| vary.to_str().ok());
        let vary = vary.map_or_else(|| "Accept".to_owned(), |vary| format!("{vary}, Accept"));
        if let Ok(vary) = HeaderValue::from_str(&vary) {
            headers.insert(header::VARY, vary);
        }
        response.set_body(ProblemBody::from((self, request_id)).to_json_string());
    }
}

/// A wait as `Retry-After` has it (RFC 9110, section 10.2.3): whole seconds, rounded up, so that a
/// client that waits this long is let through. At least one.
pub(crate) fn whole_seconds(wait: Duration) -> u32 {
    wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u32::MAX).max(1)
}

/// Calls an endpoint. Turns errors of the frameworks into responses with a [`Problem`].
pub(crate) async fn answer(endpoint: &impl Endpoint, request: Request) -> Response {
    let error = match endpoint.call(request).await {
        Ok(output) => return output.into_response(),
        Err(error) if error.is_from_response() => return error.into_response(),
        Err(error) => error,
    };
    let (code, detail) = match error.status() {
        StatusCode::NOT_FOUND => ("not_found", "there is nothing here"),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("method_not_allowed", "this path does not support this method")
        }
        status if status.is_client_error() => ("malformed", "the request cannot be read"),
        _ => {
            tracing::error!(%error, "internal error");
            return Problem::defect().into_response();
        }
    };
    Problem::new(error.status(), code, detail).into_response()
}

/// The response carries the problem as data. `http::edge` writes the body: only it knows the
/// request id and the media type.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status).finish();
        if let Some(wait_s) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, wait_s.into());
        }
        response.set_data(self);
        response
    }
}

impl From<Problem> for poem::Error {
    fn from(problem: Problem) -> Self {
        // An error has data of its own, which replaces the data of its response.
        let mut error = Self::from_response(problem.clone().into_response());
        error.set_data(problem);
        error
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Unavailable(cause) => {
                tracing::warn!(error = format!("{cause:#}"), "a dependency is unavailable");
                let detail = "a service this depends on is unavailable; try again in a moment";
                let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
                Self { retry_after_s: Some(UNAVAILABLE_RETRY_S), ..problem }
            }
            Error::Fault(cause) => {
                tracing::error!(error = format!("{cause:#}"), "internal error");
                Self::defect()
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (code, kind) = refusal.contract();
        let mut problem = Self::new(status_of(kind), code, refusal.to_string());
        if let Kind::Throttled(wait) | Kind::Busy(wait) = kind {
            problem.retry_after_s = Some(whole_seconds(wait));
        }
        match refusal {
            Refusal::Invalid(flaws) => problem.errors = Some(flaws),
            Refusal::ParameterInvalid(flaws) => problem.parameters = Some(flaws),
            Refusal::Throttled(limit) => problem.subject = Some(limit.name),
            Refusal::ScopeMissing(scope) => problem.subject = scope,
            _ => {}
        }
        problem
    }
}

fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::TooSlow => StatusCode::REQUEST_TIMEOUT,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Outdated => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unconditional => StatusCode::PRECONDITION_REQUIRED,
        Kind::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
        Kind::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_keeps_its_problem_as_an_error_of_the_framework() {
        let error = poem::Error::from(Problem::new(StatusCode::BAD_REQUEST, "malformed", "odd"));
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.data::<Problem>().map(|problem| &*problem.detail), Some("odd"));
    }
}
