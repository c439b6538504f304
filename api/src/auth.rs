//! Who asks: the holder of an access token, as an extractor.

use std::sync::Arc;

use anyhow::Context as _;
use keyward_core::{
    App, Refusal,
    app::Actor,
    queries::{CurrentUser, GetCurrentUser},
};
use poem::{
    Request, RequestBody,
    http::{HeaderMap, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use crate::problem::Failure;

/// A caller whose token is good, whose session is alive and whose account is in use.
#[derive(Debug)]
pub(crate) struct Caller {
    /// Who, and through which session.
    pub(crate) actor: Actor,
    /// Who it is.
    pub(crate) user: Arc<CurrentUser>,
}

/// Its name in the OpenAPI document.
const SCHEME: &str = "access_token";

impl<'a> ApiExtractor<'a> for Caller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some("An access token, as `POST /v1/sessions` gives it."),
            name: None,
            key_in: None,
            scheme: Some("bearer"),
            bearer_format: Some("JWT"),
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(SCHEME, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(authenticate(request).await.map_err(Failure::from)?)
    }
}

/// Who asks.
pub(crate) async fn authenticate(request: &Request) -> keyward_core::Result<Caller> {
    let app = request.data::<App>().context("the app is not attached")?;
    let token = bearer_token(request.headers()).ok_or(Refusal::TokenMissing)?;
    let claims = app.tokens.verify(token, app.clock.now())?;
    let actor = Actor { user_id: claims.sub, session_id: claims.sid };
    let user = app.fetch(GetCurrentUser(actor)).await?;
    Ok(Caller { actor, user })
}

/// The bearer token of a request (RFC 6750, section 2.1: in the header, nowhere else). A header
/// that makes no sense, or two of them, are a token that cannot be good.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut headers = headers.get_all(header::AUTHORIZATION).iter();
    let text = match (headers.next()?, headers.next()) {
        (header, None) => header.to_str().unwrap_or_default(),
        (_, Some(_)) => "",
    };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    Some(if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" })
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn token(values: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
        }
        bearer_token(&headers).map(str::to_owned)
    }

    #[test]
    fn a_token_comes_in_one_bearer_header_or_not_at_all() {
        assert_eq!(token(&[]), None);
        assert_eq!(token(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(token(&["bearer  abc"]).as_deref(), Some("abc"));
        for odd in [&["Basic abc"][..], &["Bearer"], &["abc"], &[""], &["Bearer a", "Bearer b"]] {
            assert_eq!(token(odd).as_deref(), Some(""), "{odd:?}");
        }
    }
}
