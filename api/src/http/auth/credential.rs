//! The credential of a request: an access token or a service token.

use keyward_core::{
    Refusal,
    app::Actor,
    commands::internal::RecordServiceTokenUse,
    domain::ServiceToken,
    queries::{CheckServiceToken, ValidServiceToken},
};
use poem::{
    Request,
    http::{HeaderMap, header},
};
use tracing::Span;

use crate::http::{context::Context, problem::Problem};

/// What the bearer token of a request proves.
pub(super) enum Credential {
    /// An account and a session, which may have ended.
    Access(Actor),
    /// A service token that is valid now.
    Service(ValidServiceToken),
}

/// Verifies the bearer token of a request.
///
/// # Errors
///
/// 401 if it is missing or invalid.
pub(super) async fn verify(request: &Request) -> Result<(Context<'_>, Credential), Problem> {
    let mut context = Context::of(request)?;
    let token = bearer_token(request.headers()).ok_or(Refusal::TokenMissing)?;
    if token.starts_with(ServiceToken::PREFIX) {
        let valid = check_service_token(&context, token).await?;
        context.caller = Some(valid.token.id.0);
        return Ok((context, Credential::Service(valid)));
    }
    let claims = context.app.tokens.verify(token, context.app.clock.now())?;
    Span::current().record("user.id", tracing::field::display(claims.sub));
    context.caller = Some(claims.sub.0);
    let actor = Actor { user_id: claims.sub, session_id: claims.sid };
    Ok((context, Credential::Access(actor)))
}

/// Checks a service token. One that was never issued costs no query.
async fn check_service_token(
    context: &Context<'_>,
    text: &str,
) -> Result<ValidServiceToken, Problem> {
    let app = context.app;
    let token = app.service_tokens.read(text).ok_or(Refusal::TokenInvalid)?;
    Span::current().record("service_token.id", tracing::field::display(token.id));
    let valid = context.fetch(CheckServiceToken(token)).await?;
    let recorded_until = app.clock.now() - RecordServiceTokenUse::INTERVAL;
    if valid.last_used_at.is_none_or(|at| at <= recorded_until) {
        context.execute(RecordServiceTokenUse(valid.token.id)).await?;
    }
    Ok(valid)
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
