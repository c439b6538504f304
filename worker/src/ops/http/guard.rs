//! Authentication of operators and viewers, and security headers.
//!
//! A browser adds Basic credentials to the requests of any page. So only a request that proves that a
//! page of the board made it changes anything: by `Sec-Fetch-Site`, or by `Origin` from a client that
//! does not send it (OWASP, Cross-Site Request Forgery Prevention).

use std::sync::Arc;

use keyward_core::{App, settings::Operator};
use poem::{
    Endpoint, IntoResponse as _, Request, Response,
    http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header},
};

/// Only resources of the board; nothing inline.
const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                   img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; \
                   base-uri 'none'";

/// Admits the operators and viewers in the settings, and puts the `Operator` into the request. Viewers
/// can only `GET`.
pub(crate) async fn admit<E: Endpoint>(
    endpoint: Arc<E>,
    mut request: Request,
) -> poem::Result<Response> {
    let mut response = match authorize(&request) {
        Ok(operator) => {
            request.set_data(operator);
            endpoint.get_response(request).await
        }
        Err((StatusCode::UNAUTHORIZED, _)) => StatusCode::UNAUTHORIZED
            .with_header(
                header::WWW_AUTHENTICATE,
                "Basic realm=\"Keyward operations\", charset=\"UTF-8\"",
            )
            .into_response(),
        Err(reason) => reason.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// The body of a 403 response.
const VIEWERS_READ: &str = "viewers cannot change anything\n";
const FOREIGN_PAGE: &str =
    "only pages of the board can do this: Origin is missing or differs from Host\n";

fn authorize(request: &Request) -> Result<Operator, (StatusCode, &'static str)> {
    let Some(app) = request.data::<App>() else {
        return Err((StatusCode::INTERNAL_SERVER_ERROR, ""));
    };
    let operator = app.settings.operations.admit(request.header(header::AUTHORIZATION));
    let operator = operator.ok_or((StatusCode::UNAUTHORIZED, ""))?;
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_read {
        Ok(operator)
    } else if !operator.may_act {
        Err((StatusCode::FORBIDDEN, VIEWERS_READ))
    } else if !is_from_board(request.headers()) {
        Err((StatusCode::FORBIDDEN, FOREIGN_PAGE))
    } else {
        Ok(operator)
    }
}

fn is_from_board(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = text(header::ORIGIN).and_then(|origin| origin.parse::<Uri>().ok());
    let authority = origin.as_ref().and_then(Uri::authority).map(|authority| authority.as_str());
    authority.is_some() && authority == text(header::HOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_board(headers: &[(&'static str, &str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        is_from_board(&headers.collect())
    }

    #[test]
    fn action_must_come_from_the_board() {
        let host = ("host", "ops.example:8081");
        assert!(from_board(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(from_board(&[host, ("origin", "http://ops.example:8081")]));
        for others in ["cross-site", "same-site", "none", ""] {
            let origin = ("origin", "http://ops.example:8081");
            assert!(!from_board(&[host, ("sec-fetch-site", others), origin]), "{others}");
        }
        for others in
            ["http://evil.example", "http://ops.example", "null", "", "http://ops.example:80810"]
        {
            assert!(!from_board(&[host, ("origin", others)]), "{others}");
        }
        assert!(!from_board(&[host]));
        assert!(!from_board(&[("origin", "http://ops.example:8081")]));
    }
}
