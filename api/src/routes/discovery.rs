//! `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server`: where
//! verifiers of access tokens find what they need (OpenID Connect Discovery; RFC 8414).
//!
//! Keyward has no authorization endpoint and no token endpoint, and issues no ID token. The lists of grants
//! and response types are therefore empty. They are not omitted, as RFC 8414 (section 3.2) asks for empty
//! lists, because a missing `grant_types_supported` would mean the authorization code grant.

use keyward_core::{App, domain::Scope};
use poem::{Endpoint, Response, endpoint::make_sync};
use serde_json::json;

use crate::http::content::Content;

/// The paths of the document.
pub(crate) const PATHS: [&str; 2] =
    ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

/// As long as the keys, which verifiers find through it.
const CACHED: &str = "public, max-age=300";

/// The claims of every access token.
const CLAIMS: [&str; 9] = ["iss", "aud", "sub", "sid", "iat", "exp", "jti", "auth_time", "amr"];

/// Serves the document.
pub(crate) fn endpoint(app: &App) -> impl Endpoint<Output = Response> + use<> {
    let (issuer, _) = app.tokens.names();
    let account_claims = app.tokens.account_claims().iter().map(|claim| claim.as_str());
    let document = json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "introspection_endpoint": format!("{issuer}/v1/tokens/introspect"),
        "introspection_endpoint_auth_methods_supported": ["Bearer"],
        "service_documentation": format!("{issuer}/docs"),
        "response_types_supported": [],
        "grant_types_supported": [],
        "subject_types_supported": ["public"],
        // Verifiers of access tokens read the algorithm here, too.
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "scopes_supported": Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
        "claims_supported": CLAIMS.into_iter().chain(account_claims).collect::<Vec<_>>(),
    });
    let content = Content::new("application/json", CACHED, document.to_string());
    make_sync(move |request| content.response(&request))
}
