//! `POST` and `DELETE /v1/sessions`, `POST /v1/sessions/refresh`, `DELETE /v1/sessions/{id}`.

use keyward_core::{
    App,
    commands::{EndOtherSessions, EndSession, LogIn, RefreshSession, Tokens},
    domain::{EmailAddress, Password, SessionId},
    origin::Origin,
};
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::Done;
use crate::http::{auth::AuthenticatedUser, body::Body, problem::Failure, tags::Tag};

pub(crate) struct SessionCommands;

/// Address and password.
#[derive(Debug, Object)]
pub(crate) struct Credentials {
    /// The address of the account.
    email: String,
    /// Its password.
    password: String,
}

/// A refresh token.
#[derive(Debug, Object)]
pub(crate) struct RefreshBody {
    /// The latest refresh token of the session.
    refresh_token: String,
}

/// What a session can be used with (RFC 6749, section 5.1).
#[derive(Debug, Object)]
pub(crate) struct SessionTokens {
    /// Send it as `Authorization: Bearer ..`.
    access_token: String,
    /// Always `Bearer`.
    token_type: String,
    /// Seconds until the access token ends.
    expires_in: i64,
    /// Exchanges once for the next pair of tokens.
    refresh_token: String,
    /// The session.
    session_id: Uuid,
}

impl From<Tokens> for SessionTokens {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access_token,
            token_type: "Bearer".into(),
            expires_in: tokens.expires_in_s,
            refresh_token: tokens.refresh_token.expose_secret().to_owned(),
            session_id: tokens.session_id.0,
        }
    }
}

#[derive(ApiResponse)]
enum Started {
    /// A session has begun.
    #[oai(status = 201)]
    Session(Json<SessionTokens>),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl SessionCommands {
    /// Log in
    ///
    /// The same answer for an unknown address, a wrong password and a disabled account.
    #[oai(path = "/sessions", method = "post", operation_id = "log_in")]
    async fn log_in(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        body: Body<Credentials>,
    ) -> Result<Started, Failure> {
        let (Credentials { email, password }, mut flaws) = body.parts();
        let password = flaws.check("/password", Password::parse(&password));
        let password = flaws.all(password)?;
        let email = EmailAddress::parse(&email).ok();
        let tokens = app.execute(LogIn { email, password }, &origin).await?;
        Ok(Started::Session(Json(tokens.into())))
    }

    /// Get new tokens
    ///
    /// Exchanges the latest refresh token. Asked again within 30 seconds, the one before it gets
    /// the same answer; anything older ends the session.
    #[oai(path = "/sessions/refresh", method = "post", operation_id = "refresh_session")]
    async fn refresh_session(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        body: Body<RefreshBody>,
    ) -> Result<Json<SessionTokens>, Failure> {
        let RefreshBody { refresh_token } = body.whole()?;
        let tokens = app.execute(RefreshSession { refresh_token }, &origin).await?;
        Ok(Json(tokens.into()))
    }

    /// Log out everywhere else
    ///
    /// Ends every session of the account but this one.
    #[oai(path = "/sessions", method = "delete", operation_id = "end_other_sessions")]
    async fn end_other_sessions(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        authenticated: AuthenticatedUser,
    ) -> Result<Done, Failure> {
        app.execute(EndOtherSessions { actor: authenticated.actor }, &origin).await?;
        Ok(Done::NoContent)
    }

    /// End a session
    ///
    /// One that has ended before is no mistake.
    #[oai(path = "/sessions/:id", method = "delete", operation_id = "end_session")]
    async fn end_session(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        authenticated: AuthenticatedUser,
        /// The session.
        id: Path<Uuid>,
    ) -> Result<Done, Failure> {
        let command = EndSession { actor: authenticated.actor, session_id: SessionId(id.0) };
        app.execute(command, &origin).await?;
        Ok(Done::NoContent)
    }

    /// Log out
    ///
    /// Access and refresh tokens of this session are refused from the next request on.
    #[oai(path = "/sessions/current", method = "delete", operation_id = "end_current_session")]
    async fn end_current_session(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        authenticated: AuthenticatedUser,
    ) -> Result<Done, Failure> {
        app.execute(
            EndSession { session_id: authenticated.actor.session_id, actor: authenticated.actor },
            &origin,
        )
        .await?;
        Ok(Done::NoContent)
    }
}
