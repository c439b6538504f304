//! `POST` and `DELETE /v1/sessions`, `POST /v1/sessions/refresh`, `DELETE /v1/sessions/{id}`.

use secrecy::ExposeSecret as _;

use crate::routes::prelude::*;

pub(crate) struct SessionCommands;

/// The credentials of an account.
#[derive(Debug, Object)]
pub(crate) struct Credentials {
    /// The email address of the account.
    email: String,
    /// The password of the account.
    password: String,
}

/// A refresh token.
#[derive(Debug, Object)]
pub(crate) struct RefreshBody {
    /// The latest refresh token of the session.
    refresh_token: String,
}

objects! {
    /// The tokens of a session (RFC 6749, section 5.1).
    SessionTokens from tokens: commands::Tokens {
        /// The access token. Send it as `Authorization: Bearer <token>`.
        access_token: String = tokens.access_token,
        /// Always `Bearer`.
        token_type: String = "Bearer",
        /// Seconds until the access token expires.
        expires_in: i64 = tokens.expires_in_s,
        /// The refresh token. Exchange it once for the next pair of tokens.
        refresh_token: String = tokens.refresh_token.expose_secret(),
        /// The id of the session.
        session_id: Uuid = tokens.session_id.0,
    }
}

#[derive(ApiResponse)]
enum SessionStarted {
    /// The session was created.
    #[oai(status = 201)]
    Tokens(Json<SessionTokens>),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl SessionCommands {
    /// Log in
    ///
    /// Creates a session. Fails with `bad_credentials` for an unknown address, a wrong password and
    /// a disabled account alike, and with `email_unverified` if only the verification is missing.
    #[oai(path = "/sessions", method = "post", operation_id = "log_in")]
    async fn log_in(
        &self,
        context: Context<'_>,
        body: Body<Credentials>,
    ) -> Result<SessionStarted, Problem> {
        let (Credentials { email, password }, mut flaws) = body.parts();
        let password = flaws.check("/password", Password::parse(&password));
        let password = flaws.all(password)?;
        let email = EmailAddress::parse(&email).ok();
        let tokens = context.execute(commands::LogIn { email, password }).await?;
        Ok(SessionStarted::Tokens(Json(tokens.into())))
    }

    /// Refresh the tokens of a session
    ///
    /// Exchanges the latest refresh token for a new pair of tokens. A client that lost the response
    /// can repeat the request within 30 seconds. Any older refresh token ends the session and fails
    /// with `session_ended`.
    #[oai(path = "/sessions/refresh", method = "post", operation_id = "refresh_session")]
    async fn refresh_session(
        &self,
        context: Context<'_>,
        body: Body<RefreshBody>,
    ) -> Result<Json<SessionTokens>, Problem> {
        let RefreshBody { refresh_token } = body.whole()?;
        let tokens = context.execute(commands::RefreshSession { refresh_token }).await?;
        Ok(Json(tokens.into()))
    }

    /// End all other sessions
    ///
    /// Ends every session of your account except the one of this request.
    #[oai(path = "/sessions", method = "delete", operation_id = "end_other_sessions")]
    async fn end_other_sessions(&self, user: AuthenticatedUser<'_>) -> Result<NoContent, Problem> {
        user.answer(commands::EndOtherSessions { actor: user.actor }).await
    }

    /// End a session
    ///
    /// Ends one of your sessions. Succeeds if the session has already ended.
    #[oai(path = "/sessions/:id", method = "delete", operation_id = "end_session")]
    async fn end_session(
        &self,
        user: AuthenticatedUser<'_>,
        /// The id of the session.
        id: Path<Uuid>,
    ) -> Result<NoContent, Problem> {
        let (actor, session_id) = (user.actor, SessionId(id.0));
        user.answer(commands::EndSession { actor, session_id }).await
    }

    /// Log out
    ///
    /// Ends the session of this request. Its access and refresh tokens are refused from the next
    /// request on.
    #[oai(path = "/sessions/current", method = "delete", operation_id = "end_current_session")]
    async fn end_current_session(&self, user: AuthenticatedUser<'_>) -> Result<NoContent, Problem> {
        let (actor, session_id) = (user.actor, user.actor.session_id);
        user.answer(commands::EndSession { actor, session_id }).await
    }
}
