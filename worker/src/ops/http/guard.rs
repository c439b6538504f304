//! Who may ask, and what every answer carries.
//!
//! A browser sends Basic credentials by itself, to whatever page makes it ask. So nothing is changed
//! by a request that does not prove that a page of ours made it: `Sec-Fetch-Site` says so, or, of a
//! client that does not know it, `Origin` (OWASP, Cross-Site Request Forgery Prevention).

use std::sync::Arc;

use keyward_core::{App, settings::Operator};
use poem::{
    Endpoint, IntoResponse as _, Request, Response,
    http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header},
};

/// Only what we serve ourselves; nothing inline.
const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                   img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; \
                   base-uri 'none'";

/// Lets those through whom the settings name, and puts the `Operator` into the request. Who may only
/// look can only `GET`.
pub(crate) async fn admit<E: Endpoint>(
    endpoint: Arc<E>,
    mut request: Request,
) -> poem::Result<Response> {
    let mut response = match verdict(&request) {
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

/// What somebody is told who may not, beside the status.
const ONLY_LOOKS: &str = "viewers may only look\n";
const NOT_OUR_PAGE: &str = "only a page of the board may do this: the request has no Origin, or another one than its Host\n";

fn verdict(request: &Request) -> Result<Operator, (StatusCode, &'static str)> {
    let Some(app) = request.data::<App>() else {
        return Err((StatusCode::INTERNAL_SERVER_ERROR, ""));
    };
    let operator = app.settings.operations.admit(request.header(header::AUTHORIZATION));
    let operator = operator.ok_or((StatusCode::UNAUTHORIZED, ""))?;
    let is_look = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_look {
        Ok(operator)
    } else if !operator.may_act {
        Err((StatusCode::FORBIDDEN, ONLY_LOOKS))
    } else if !is_from_our_page(request.headers()) {
        Err((StatusCode::FORBIDDEN, NOT_OUR_PAGE))
    } else {
        Ok(operator)
    }
}

fn is_from_our_page(headers: &HeaderMap) -> bool {
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

    fn from_our_page(headers: &[(&'static str, &str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        is_from_our_page(&headers.collect())
    }

    #[test]
    fn an_act_must_come_from_a_page_of_ours() {
        let host = ("host", "ops.example:8081");
        assert!(from_our_page(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(from_our_page(&[host, ("origin", "http://ops.example:8081")]));
        for others in ["cross-site", "same-site", "none", ""] {
            let origin = ("origin", "http://ops.example:8081");
            assert!(!from_our_page(&[host, ("sec-fetch-site", others), origin]), "{others}");
        }
        for others in
            ["http://evil.example", "http://ops.example", "null", "", "http://ops.example:80810"]
        {
            assert!(!from_our_page(&[host, ("origin", others)]), "{others}");
        }
        assert!(!from_our_page(&[host]));
        assert!(!from_our_page(&[("origin", "http://ops.example:8081")]));
    }
}
