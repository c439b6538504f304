//! Request bodies in memory: bounded in size and time, and parsed once.

use keyward_core::{App, Refusal, settings::Http};
use poem::{
    Request, RequestBody,
    error::ReadBodyError,
    http::{StatusCode, header},
};
use serde_json::Value;

use super::{json, problem::Problem};

/// The fields of a form (`application/x-www-form-urlencoded`), in the order they came.
pub(crate) type FormFields = Vec<(String, String)>;

/// A payload that a body is parsed into.
pub(crate) trait Parse: Clone + Send + Sync + 'static {
    /// The media type, in lower case.
    const MEDIA_TYPE: &'static str;

    /// Parses a complete body.
    ///
    /// # Errors
    ///
    /// 400 `malformed`.
    fn parse(bytes: &[u8]) -> Result<Self, Problem>;
}

impl Parse for Value {
    const MEDIA_TYPE: &'static str = "application/json";

    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        json::parse(bytes).map_err(|error| {
            let detail = format!("the body is not valid JSON: {error}");
            Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
        })
    }
}

impl Parse for FormFields {
    const MEDIA_TYPE: &'static str = "application/x-www-form-urlencoded";

    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        Ok(form_urlencoded::parse(bytes).into_owned().collect())
    }
}

/// Parses the body of a request, or returns what [`read_ahead`] has parsed.
///
/// # Errors
///
/// 415 for another media type, and what [`bytes`] and [`Parse::parse`] return.
pub(crate) async fn read<P: Parse>(
    request: &Request,
    body: &mut RequestBody,
) -> Result<P, Problem> {
    if let Some(parsed) = request.data::<Result<P, Problem>>() {
        return parsed.clone();
    }
    require_identity(request)?;
    if !has_media_type(request.content_type(), P::MEDIA_TYPE) {
        let detail = format!("send the body as {}", P::MEDIA_TYPE);
        return Err(Problem::wrong_media_type(detail));
    }
    P::parse(&bytes(request, body).await?)
}

/// Reads the body of a request.
///
/// # Errors
///
/// 413 above `HTTP_MAX_BODY_BYTES`, 408 after `HTTP_TIMEOUT_S`, 400 if it ends early.
pub(crate) async fn bytes(request: &Request, body: &mut RequestBody) -> Result<Vec<u8>, Problem> {
    let app = request.data::<App>().ok_or_else(Problem::defect)?;
    let Http { max_body_bytes, timeout, .. } = app.settings.http;
    let body = body.take().map_err(|_| Refusal::UploadBroken)?;
    match tokio::time::timeout(timeout, body.into_bytes_limit(max_body_bytes)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => {
            let detail = format!("the body has more than {max_body_bytes} bytes");
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail))
        }
        Ok(Err(_)) => Err(Refusal::UploadBroken.into()),
        Err(_) => Err(Refusal::UploadTooSlow.into()),
    }
}

/// Refuses a body with a content coding: it could expand without bound.
///
/// # Errors
///
/// 415 with `Accept-Encoding` (RFC 9110, section 15.5.16).
pub(crate) fn require_identity(request: &Request) -> Result<(), Problem> {
    let lines = request.headers().get_all(header::CONTENT_ENCODING).iter();
    let mut codings = lines.flat_map(|line| line.to_str().unwrap_or("?").split(',')).map(str::trim);
    let is_plain = |coding: &str| coding.is_empty() || coding.eq_ignore_ascii_case("identity");
    if codings.all(is_plain) { Ok(()) } else { Err(Problem::wrong_content_coding()) }
}

/// Parses the body for middleware, and keeps the result in the request for the route.
///
/// # Errors
///
/// As [`read`]. The route then fails with the same error.
pub(crate) async fn read_ahead<P: Parse>(request: &mut Request) -> Result<P, Problem> {
    let mut body = RequestBody::new(request.take_body());
    let parsed = read::<P>(request, &mut body).await;
    request.set_data(parsed.clone());
    parsed
}

/// Whether a `Content-Type` is exactly this one. `charset=utf-8` is the only parameter allowed, with or
/// without quotes.
pub(crate) fn has_media_type(content_type: Option<&str>, media_type: &str) -> bool {
    let mut parts = content_type.unwrap_or_default().split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case(media_type))
        && parts.all(is_utf8)
}

/// Whether a parameter of a media type is nothing or `charset=utf-8` (RFC 9110, section 5.6.6).
fn is_utf8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return parameter.is_empty() };
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    name.eq_ignore_ascii_case("charset") && quoted.unwrap_or(value).eq_ignore_ascii_case("utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_needs_its_exact_media_type() {
        let is_json = |content_type| has_media_type(content_type, Value::MEDIA_TYPE);
        assert!(is_json(Some("application/json")));
        for same in [
            "Application/JSON",
            "application/json;",
            "application/json; charset=utf-8",
            "application/json ;Charset=\"UTF-8\"",
            "application/json; charset=utf-8;",
        ] {
            assert!(is_json(Some(same)), "{same}");
        }
        for other in [
            None,
            Some("text/plain"),
            Some("application/json; charset"),
            Some("application/json; charset=\"utf-8"),
            Some("application/json; charset=utf-8\""),
            Some("application/json; charset = utf-8"),
            Some("application/json; charset=utf-8; version=2"),
            Some("application/json; charset=latin1"),
            Some("application/jsonp"),
        ] {
            assert!(!is_json(other), "{other:?}");
        }
    }

    #[tokio::test]
    async fn a_body_that_was_read_ahead_is_not_parsed_again() {
        let mut request = Request::builder().content_type("application/json").body("not JSON");
        request.set_data(Ok::<Value, Problem>("parsed before".into()));
        let mut body = RequestBody::new(request.take_body());

        let value: Value = read(&request, &mut body).await.unwrap();

        assert_eq!(value, "parsed before");
        assert!(body.take().is_ok(), "the body itself is untouched");
    }
}
