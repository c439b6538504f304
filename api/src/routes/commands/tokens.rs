//! `POST /v1/tokens/introspect`.

use std::sync::Arc;

use keyward_core::infra::access_tokens::Claims;

use crate::{
    http::{auth::TokensIntrospect, form::Form},
    routes::{prelude::*, queries::users::Role},
};

pub(crate) struct TokenCommands;

/// The token to introspect (RFC 7662, section 2.1).
#[derive(Debug, Object)]
pub(crate) struct IntrospectionRequest {
    /// The access token.
    token: String,
    /// Ignored: only access tokens can be active.
    token_type_hint: Option<String>,
}

objects! {
    /// Whether a token is valid, and what it proves (RFC 7662, section 2.2). Only `active` is present if
    /// the token is not valid.
    #[oai(skip_serializing_if_is_none)]
    Introspection from found: Option<(Arc<Claims>, Arc<queries::UserView>)> {
        /// Whether Keyward would accept the token now.
        active: bool = found.is_some(),
        /// The id of the account.
        sub: Option<Uuid> = of(&found).map(|claims| claims.sub.0),
        /// The id of the session.
        sid: Option<Uuid> = of(&found).map(|claims| claims.sid.0),
        /// What the account is allowed to do now.
        role: Option<Role> = found.as_ref().map(|(_, user)| Role::from(user.role)),
        /// Time of expiry, in seconds since the Unix epoch.
        exp: Option<i64> = of(&found).map(|claims| claims.exp),
        /// Time of issue, in seconds since the Unix epoch.
        iat: Option<i64> = of(&found).map(|claims| claims.iat),
        /// The issuer.
        iss: Option<String> = of(&found).map(|claims| claims.iss.clone()),
        /// The audience.
        aud: Option<String> = of(&found).map(|claims| claims.aud.clone()),
        /// The id of the token.
        jti: Option<Uuid> = of(&found).map(|claims| claims.jti),
        /// Time of the login, in seconds since the Unix epoch.
        auth_time: Option<i64> = of(&found).map(|claims| claims.auth_time),
        /// How the account logged in (RFC 8176).
        amr: Option<Vec<String>> = of(&found).map(|claims| claims.amr.clone()),
        /// Always `Bearer`.
        token_type: Option<String> = of(&found).map(|_| "Bearer".to_owned()),
    }
}

fn of(found: &Option<(Arc<Claims>, Arc<queries::UserView>)>) -> Option<&Claims> {
    found.as_ref().map(|(claims, _)| &**claims)
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Keys")]
impl TokenCommands {
    /// Introspect an access token
    ///
    /// Tells whether Keyward would accept an access token now (RFC 7662): the token is valid, its session
    /// has not ended, and its account is active. Anything else is not active.
    #[oai(path = "/tokens/introspect", method = "post", operation_id = "introspect_token")]
    async fn introspect_token(
        &self,
        service: Scoped<'_, TokensIntrospect>,
        form: Form<IntrospectionRequest>,
    ) -> Result<Json<Introspection>, Problem> {
        let token = form.field("token")?.trim().to_owned();
        Ok(Json(service.fetch(queries::IntrospectToken(token)).await?.into()))
    }
}
