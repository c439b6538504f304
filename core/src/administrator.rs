//! Who may administer: decided by the row in Postgres, never by a cache or a claim (OWASP ASVS 5.0,
//! 8.3.1 and 8.3.2).

use sqlx::{PgConnection, Postgres, Transaction};

use crate::{
    App, Refusal, Result,
    app::Actor,
    domain::{Role, SessionId, UserId},
};

/// Who administers. Every command and query of administrators carries one and checks it in its own
/// transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Administrator {
    /// The holder of an access token; the row of the account decides.
    Session(Actor),
    /// Whoever runs this program on the server, with its settings. May do everything.
    CommandLine,
}

impl Administrator {
    /// The account that acts; none for the command line.
    #[must_use]
    pub const fn user_id(self) -> Option<UserId> {
        match self {
            Self::Session(actor) => Some(actor.user_id),
            Self::CommandLine => None,
        }
    }

    /// The session it acts through; none for the command line.
    #[must_use]
    pub const fn session_id(self) -> Option<SessionId> {
        match self {
            Self::Session(actor) => Some(actor.session_id),
            Self::CommandLine => None,
        }
    }

    /// Decides by the row, as this transaction sees it. A refusal is a line of the audit log.
    ///
    /// # Errors
    ///
    /// [`Refusal::SessionEnded`] if the session is over or the account not in use,
    /// [`Refusal::Forbidden`] if it is no administrator.
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
            "refused: user {user_id} is no administrator",
        );
        Err(Refusal::Forbidden.into())
    }
}

impl App {
    /// Begins to read one state of the database, in which `by` is an administrator.
    ///
    /// # Errors
    ///
    /// As [`Administrator::check`].
    pub(crate) async fn read_as(
        &self,
        by: Administrator,
    ) -> Result<Transaction<'static, Postgres>> {
        let one_state = "begin isolation level repeatable read, read only";
        let mut sql = self.read.begin_with(one_state).await?;
        by.check(&mut sql).await?;
        Ok(sql)
    }
}
