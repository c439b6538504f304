//! Who asks: the holder of an access token, as an extractor (RFC 6750; OWASP ASVS 5.0, 8.2.1).

use std::sync::Arc;

use anyhow::Context as _;
use keyward_core::{
    App, Refusal, administrator,
    app::Actor,
    queries::{CheckAdministrator, GetCurrentUser, UserView},
};
use poem::{
    Request, RequestBody,
    http::{HeaderMap, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use tracing::Span;

use crate::http::problem::Failure;

/// A caller whose token is good, whose session is alive and whose account is in use.
#[derive(Debug)]
pub(crate) struct AuthenticatedUser {
    /// Who, and through which session.
    pub(crate) actor: Actor,
    /// Who it is.
    pub(crate) user: Arc<UserView>,
}

/// A caller who is an administrator by the row in Postgres. Asked before anything else of the
/// request is looked at, so nobody else learns what it would have led to; commands and queries
/// decide it again.
#[derive(Debug)]
pub(crate) struct Administrator(pub(crate) administrator::Administrator);

/// Registers an access token as what a route asks for.
fn register(registry: &mut Registry, name: &'static str, description: &'static str) {
    let scheme = MetaSecurityScheme {
        ty: "http",
        description: Some(description),
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: Some("JWT"),
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(name, scheme);
}

impl<'a> ApiExtractor<'a> for AuthenticatedUser {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let description = "An access token, as `POST /v1/sessions` gives it.";
        register(registry, "access_token", description);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["access_token"]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(authenticate(request).await.map_err(Failure::from)?)
    }
}

impl<'a> ApiExtractor<'a> for Administrator {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register(registry, "administrator", "An access token of an administrator.");
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["administrator"]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(authorize(request).await.map_err(Failure::from)?)
    }
}

/// Who asks.
pub(crate) async fn authenticate(request: &Request) -> keyward_core::Result<AuthenticatedUser> {
    let (app, actor) = verify(request)?;
    let user = app.fetch(GetCurrentUser(actor)).await?;
    Ok(AuthenticatedUser { actor, user })
}

async fn authorize(request: &Request) -> keyward_core::Result<Administrator> {
    let (app, actor) = verify(request)?;
    let by = administrator::Administrator::Session(actor);
    app.fetch(CheckAdministrator(by)).await?;
    Ok(Administrator(by))
}

/// Whose access token came with the request, if it is one of ours.
fn verify(request: &Request) -> keyward_core::Result<(&App, Actor)> {
    let app = request.data::<App>().context("the app is not attached")?;
    let token = bearer_token(request.headers()).ok_or(Refusal::TokenMissing)?;
    let claims = app.tokens.verify(token, app.clock.now())?;
    Span::current().record("user.id", tracing::field::display(claims.sub));
    Ok((app, Actor { user_id: claims.sub, session_id: claims.sid }))
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
