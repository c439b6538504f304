//! Commands, queries, and the state they share.

mod limits;
mod once;
mod parts;
mod records;
mod scrape;
mod tx;

use std::{sync::Arc, time::Duration};

use tracing::Instrument as _;

use crate::{
    Error, Refusal, Result,
    domain::{AcceptedPassword, MailId, Password, SessionId, UserId},
    error::Flaw,
    infra::clock::Clock,
    origin::Origin,
    settings::Settings,
};
pub use once::Once;
pub use parts::Parts;
pub use tx::Tx;

/// Changes rows and emits events, all in one commit.
///
/// Commands and queries are not `Debug`: they carry personal data, which belongs in no log.
pub trait Command: Send {
    /// The result for the caller.
    type Output: Send;
    /// Name in logs and metrics.
    const NAME: &'static str;

    /// Executes the command: look up, decide, change, emit, commit.
    fn handle(
        self,
        app: &App,
        origin: &Origin,
    ) -> impl Future<Output = Result<Self::Output>> + Send;

    /// Time after which the command is answered with [`Error::Unavailable`].
    fn timeout(&self, _app: &App) -> Duration {
        App::TIMEOUT
    }
}

/// Reads, on connections that cannot write.
pub trait Query: Send {
    /// The result, shaped for its reader and not for its table.
    type View: Send;
    /// Name in logs.
    const NAME: &'static str;

    /// Executes the query.
    fn handle(self, app: &App) -> impl Future<Output = Result<Self::View>> + Send;
}

/// The holder of a verified access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub user_id: UserId,
    /// The session of the token.
    pub session_id: SessionId,
}

/// Executes commands and queries. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Default timeout of commands and queries.
    pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

    /// Makes an app. Postgres and Redis may still be unavailable.
    ///
    /// # Errors
    ///
    /// If a setting cannot be used: a malformed URL, parameters that argon2 refuses.
    pub fn new(settings: Settings, clock: Clock) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Parts::new(settings, clock)?)))
    }

    /// The NATS subject that wakes the relay after a commit. Core NATS may lose the message; the relay
    /// also polls every second.
    #[must_use]
    pub fn nudge_subject(&self) -> String {
        format!("{}.nudge", self.settings.namespace)
    }

    /// The return path of an email; `None` without `BOUNCE_DOMAIN`.
    #[must_use]
    pub fn return_path(&self, id: MailId) -> Option<String> {
        let domain = self.settings.mail.bounce_domain.as_ref()?;
        Some(format!("{}@{}", self.mails.return_path(id), domain.as_str()))
    }

    /// Monitors Postgres and Redis until it is dropped. Every process runs it once: without it the
    /// cache is unused and Postgres counts as unavailable.
    pub async fn watch(self) {
        tokio::join!(
            self.cache.watch(),
            self.health.watch(&self.read, &self.write, &self.clock, &self.cache),
            self.write.watch(),
            self.read.watch(),
        );
    }

    /// Executes a command.
    ///
    /// # Errors
    ///
    /// The command's refusal; [`Error::Unavailable`] if a dependency is unavailable or the command
    /// times out.
    pub async fn execute<C: Command>(&self, command: C, origin: &Origin) -> Result<C::Output> {
        let timeout = command.timeout(self);
        let span = tracing::debug_span!("command", otel.name = C::NAME);
        let work = command.handle(self, origin).instrument(span);
        let result = within(C::NAME, timeout, work).await;
        self.metrics.product.command(C::NAME, &result);
        result
    }

    /// Executes a query.
    ///
    /// # Errors
    ///
    /// The query's refusal; [`Error::Unavailable`] if a dependency is unavailable or the query times
    /// out.
    pub async fn fetch<Q: Query>(&self, query: Q) -> Result<Q::View> {
        let span = tracing::debug_span!("query", otel.name = Q::NAME);
        within(Q::NAME, Self::TIMEOUT, query.handle(self).instrument(span)).await
    }

    /// Checks a new password against the policy. `context` holds the owner's address and name. Runs
    /// where passwords are hashed, because it takes up to 15 ms.
    ///
    /// # Errors
    ///
    /// [`Refusal::Busy`] if too many passwords are being checked. The inner error is the flaw of the
    /// password.
    pub async fn check_password(
        &self,
        password: Password,
        context: [&str; 2],
    ) -> Result<Result<AcceptedPassword, Flaw>> {
        let (policy, context) = (self.policy.clone(), context.map(str::to_owned));
        let check = move || policy.validate(password, &context.each_ref().map(String::as_str));
        self.hasher.on_core(check).await
    }

    /// Checks a new password, as [`check_password`](Self::check_password) does.
    ///
    /// # Errors
    ///
    /// Also [`Refusal::Invalid`] with the flaw of `/password`.
    pub(crate) async fn validate_password(
        &self,
        password: Password,
        context: [&str; 2],
    ) -> Result<AcceptedPassword> {
        let checked = self.check_password(password, context).await?;
        Ok(checked.map_err(|flaw| Refusal::invalid("/password", flaw))?)
    }
}

async fn within<T>(
    name: &'static str,
    timeout: Duration,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    tokio::time::timeout(timeout, work)
        .await
        .unwrap_or_else(|_| Err(Error::Unavailable(anyhow::anyhow!("{name} timed out"))))
}
