//! Authentication by access token (RFC 6750; OWASP ASVS 5.0, 8.2.1).

use std::{ops::Deref, sync::Arc};

use keyward_core::{
    Refusal,
    administrator::Administrator,
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

use super::{context::Context, parameters, problem::Problem};

/// The account and session of a valid access token. The session has not ended and the account is
/// active.
#[derive(Debug)]
pub(crate) struct AuthenticatedUser<'a> {
    context: Context<'a>,
    /// The account and the session.
    pub(crate) actor: Actor,
    /// The account as its owner sees it.
    pub(crate) user: Arc<UserView>,
}

/// An administrator, according to the row in Postgres. Decided before anything else of the request
/// is read, so that other callers learn nothing from it. Commands and queries decide again.
#[derive(Debug)]
pub(crate) struct AdminUser<'a> {
    context: Context<'a>,
    /// The account and the session.
    pub(crate) actor: Actor,
    /// The administrator, for commands and queries.
    pub(crate) by: Administrator,
}

impl<'a> AuthenticatedUser<'a> {
    /// Authenticates a request.
    ///
    /// # Errors
    ///
    /// 401 if the token is missing or invalid, or its session has ended.
    pub(crate) async fn of(request: &'a Request) -> Result<Self, Problem> {
        let (context, actor) = verify(request)?;
        let user = context.fetch(GetCurrentUser(actor)).await?;
        Ok(Self { context, actor, user })
    }
}

impl<'a> AdminUser<'a> {
    async fn of(request: &'a Request) -> Result<Self, Problem> {
        let (context, actor) = verify(request)?;
        let by = Administrator::Session(actor);
        context.fetch(CheckAdministrator(by)).await?;
        Ok(Self { context, actor, by })
    }
}

/// Verifies the access token of a request.
fn verify(request: &Request) -> Result<(Context<'_>, Actor), Problem> {
    let mut context = Context::of(request)?;
    let token = bearer_token(request.headers()).ok_or(Refusal::TokenMissing)?;
    let claims = context.app.tokens.verify(token, context.app.clock.now())?;
    Span::current().record("user.id", tracing::field::display(claims.sub));
    context.caller = Some(claims.sub.0);
    Ok((context, Actor { user_id: claims.sub, session_id: claims.sid }))
}

/// The bearer token of a request (RFC 6750, section 2.1: only in the header). Empty, and so
/// invalid, if the header is malformed or repeated.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut headers = headers.get_all(header::AUTHORIZATION).iter();
    let text = match (headers.next()?, headers.next()) {
        (header, None) => header.to_str().unwrap_or_default(),
        (_, Some(_)) => "",
    };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    Some(if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" })
}

/// Makes an extractor of a user, and documents it as a security scheme.
macro_rules! security_scheme {
    ($user:ident, $name:literal, $description:literal) => {
        impl<'a> Deref for $user<'a> {
            type Target = Context<'a>;

            fn deref(&self) -> &Context<'a> {
                &self.context
            }
        }

        impl<'a> ApiExtractor<'a> for $user<'a> {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                let scheme = MetaSecurityScheme {
                    ty: "http",
                    description: Some($description),
                    name: None,
                    key_in: None,
                    scheme: Some("bearer"),
                    bearer_format: Some("JWT"),
                    flows: None,
                    openid_connect_url: None,
                };
                registry.create_security_scheme($name, scheme);
            }

            fn security_schemes() -> Vec<&'static str> {
                vec![$name]
            }

            async fn from_request(
                request: &'a Request,
                _: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> poem::Result<Self> {
                let user = Self::of(request).await?;
                parameters::check(request)?;
                Ok(user)
            }
        }
    };
}

security_scheme!(AuthenticatedUser, "access_token", "An access token from `POST /v1/sessions`.");
security_scheme!(AdminUser, "administrator", "An access token of an administrator.");

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
    fn a_token_comes_in_exactly_one_bearer_header() {
        assert_eq!(token(&[]), None);
        assert_eq!(token(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(token(&["bearer  abc"]).as_deref(), Some("abc"));
        for odd in [&["Basic abc"][..], &["Bearer"], &["abc"], &[""], &["Bearer a", "Bearer b"]] {
            assert_eq!(token(odd).as_deref(), Some(""), "{odd:?}");
        }
    }
}
