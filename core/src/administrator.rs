//! Authorization of administrators, by the row in Postgres and never by a cache or a claim (OWASP ASVS
//! 5.0, 8.3.1 and 8.3.2).

use sqlx::PgConnection;

use crate::{
    App, Refusal, Result,
    app::Actor,
    domain::{ActorId, Role, Scope, Scopes, ServiceTokenId, UserId},
    infra::postgres::Transaction,
};

/// An administrator, or what acts as one. Every command and query of administrators has one and checks
/// it in its own transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Administrator {
    /// The holder of an access token; the account's row decides.
    Session(Actor),
    /// A service token, for a route that needs this scope; the token's row decides.
    Service {
        /// The token.
        id: ServiceTokenId,
        /// The scope.
        scope: Scope,
    },
    /// The command line on the server, which has the settings. May do everything.
    CommandLine,
}

impl Administrator {
    /// The holder of the access token; `None` for a service token and the command line.
    #[must_use]
    pub fn actor(self) -> Option<Actor> {
        match self {
            Self::Session(actor) => Some(actor),
            Self::Service { .. } | Self::CommandLine => None,
        }
    }

    /// The administrator's account; `None` for a service token and the command line.
    #[must_use]
    pub fn user_id(self) -> Option<UserId> {
        self.actor().map(|actor| actor.user_id)
    }

    /// The service token, if it is one.
    #[must_use]
    pub fn service_token_id(self) -> Option<ServiceTokenId> {
        match self {
            Self::Service { id, .. } => Some(id),
            Self::Session(_) | Self::CommandLine => None,
        }
    }

    /// Whom events name; `None` for the command line.
    #[must_use]
    pub fn id(self) -> Option<ActorId> {
        let user = self.user_id().map(ActorId::from);
        user.or_else(|| self.service_token_id().map(ActorId::from))
    }

    /// Checks the row of the account or the token in this transaction. Writes an audit log line for a
    /// refusal.
    ///
    /// # Errors
    ///
    /// [`Refusal::SessionEnded`] if the session has ended or the account is not active,
    /// [`Refusal::Forbidden`] if the account is not an administrator, [`Refusal::TokenInvalid`] if the
    /// service token was revoked, [`Refusal::ScopeMissing`] if it lacks the scope.
    pub(crate) async fn check(self, sql: &mut PgConnection) -> Result<()> {
        match self {
            Self::Session(actor) => check_actor(actor, sql).await,
            Self::Service { id, scope } => check_scope(id, scope, sql).await,
            Self::CommandLine => Ok(()),
        }
    }
}

async fn check_actor(Actor { user_id, session_id }: Actor, sql: &mut PgConnection) -> Result<()> {
    let role = sqlx::query_scalar!(
        "select role from users join sessions using (user_id)
         where user_id = $1 and session_id = $2 and ended_at is null and status = 'active'",
        user_id.0,
        session_id.0,
    )
    .fetch_optional(sql)
    .await?
    .ok_or(Refusal::SessionEnded)?;
    if role.parse::<Role>()? == Role::Admin {
        return Ok(());
    }
    tracing::warn!(
        audit = "forbidden",
        user.id = %user_id,
        session.id = %session_id,
        "refused: user {user_id} is not an administrator",
    );
    Err(Refusal::Forbidden.into())
}

async fn check_scope(id: ServiceTokenId, scope: Scope, sql: &mut PgConnection) -> Result<()> {
    let scopes = sqlx::query_scalar!(
        r#"select scopes as "scopes: Scopes" from service_tokens
           where service_token_id = $1 and revoked_at is null"#,
        id.0,
    )
    .fetch_optional(sql)
    .await?
    .ok_or(Refusal::TokenInvalid)?;
    if scopes.include(scope) {
        return Ok(());
    }
    Err(refuse_scope(id, Some(scope)).into())
}

/// The refusal of a service token without a scope. Writes an audit log line.
#[must_use]
pub fn refuse_scope(id: ServiceTokenId, scope: Option<Scope>) -> Refusal {
    let scope = scope.map(Scope::as_str);
    tracing::warn!(
        audit = "scope_missing",
        service_token.id = %id,
        scope,
        "refused: the scopes of service token {id} do not allow this",
    );
    Refusal::ScopeMissing(scope)
}

impl App {
    /// Begins a read-only snapshot of the database in which `by` is an administrator.
    ///
    /// # Errors
    ///
    /// See [`Administrator::check`].
    pub(crate) async fn read_as(&self, by: Administrator) -> Result<Transaction> {
        let snapshot = "begin isolation level repeatable read, read only";
        let mut sql = self.read.begin_with(snapshot).await?;
        by.check(&mut sql).await?;
        Ok(sql)
    }
}
