//! Authorization of administrators, by the row in Postgres and never by a cache or a claim (OWASP ASVS
//! 5.0, 8.3.1 and 8.3.2).

use sqlx::PgConnection;

use crate::{
    App, Refusal, Result,
    app::Actor,
    domain::{Role, UserId},
    infra::postgres::Transaction,
};

/// An administrator. Every command and query of administrators has one and checks it in its own
/// transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Administrator {
    /// The holder of an access token; the account's row decides.
    Session(Actor),
    /// The command line on the server, which has the settings. May do everything.
    CommandLine,
}

impl Administrator {
    /// The holder of the access token; `None` for the command line.
    #[must_use]
    pub fn actor(self) -> Option<Actor> {
        match self {
            Self::Session(actor) => Some(actor),
            Self::CommandLine => None,
        }
    }

    /// The administrator's account; `None` for the command line.
    #[must_use]
    pub fn user_id(self) -> Option<UserId> {
        self.actor().map(|actor| actor.user_id)
    }

    /// Checks the account's row in this transaction. Writes an audit log line for a refusal.
    ///
    /// # Errors
    ///
    /// [`Refusal::SessionEnded`] if the session has ended or the account is not active,
    /// [`Refusal::Forbidden`] if the account is not an administrator.
    pub(crate) async fn check(self, sql: &mut PgConnection) -> Result<()> {
        let Self::Session(Actor { user_id, session_id }) = self else { return Ok(()) };
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
