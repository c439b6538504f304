//! Commands, queries, and what they run on.

mod tx;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::Notify;
use tracing::Instrument as _;

use crate::{
    Error, Result,
    domain::{Blocklist, LinkKey, PasswordPolicy, SessionId, SessionKey, UserId, WebhookKey},
    infra::{
        access_tokens::AccessTokens,
        blobs::Blobs,
        cache::{Cache, Neighbours, single_flight::SingleFlight},
        clock::Clock,
        health::Health,
        limits::Limiter,
        metrics::Metrics,
        passwords::Hasher,
    },
    origin::Origin,
    queries::UserView,
    settings::Settings,
};
pub use tx::Tx;

/// Something a person or a job can do: changes rows and leaves events, all in one commit.
pub trait Command: Send {
    /// What the caller gets to know.
    type Output: Send;
    /// Its name in logs.
    const NAME: &'static str;

    /// Does it: look up, decide, change, announce, commit.
    fn handle(
        self,
        app: &App,
        origin: &Origin,
    ) -> impl Future<Output = Result<Self::Output>> + Send;

    /// How long it may take; after it the answer is "unavailable".
    fn timeout(&self, _app: &App) -> Duration {
        App::TIMEOUT
    }
}

/// Something a person or a job can see. Changes nothing: it runs on connections that cannot write.
pub trait Query: Send {
    /// Shaped for who looks, not for the table it comes from.
    type View: Send;
    /// Its name in logs.
    const NAME: &'static str;

    /// Looks.
    fn handle(self, app: &App) -> impl Future<Output = Result<Self::View>> + Send;
}

/// Whoever is logged in: what a verified access token says of its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub user_id: UserId,
    /// The session it asks through.
    pub session_id: SessionId,
}

/// Everything that commands and queries need. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] is made of; reached through it.
#[derive(Debug)]
pub struct Parts {
    /// The settings it was made with.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// Connections that write. Queries use [`read`](Self::read).
    pub write: PgPool,
    /// Connections on which Postgres refuses to write.
    pub read: PgPool,
    /// The current users.
    pub cache: Cache,
    /// How often somebody may ask.
    pub limiter: Limiter,
    /// Where pictures are kept.
    pub blobs: Blobs,
    /// Access tokens.
    pub tokens: AccessTokens,
    /// Whether Postgres is there.
    pub health: Health,
    /// What is counted and measured.
    pub metrics: Metrics,
    /// Woken by every commit that left an event: publish, do not wait for the next look.
    pub committed: Notify,
    /// What a new password must be.
    pub policy: PasswordPolicy,
    pub(crate) neighbours: Neighbours,
    pub(crate) hasher: Hasher,
    pub(crate) links: LinkKey,
    pub(crate) sessions: SessionKey,
    pub(crate) webhooks: WebhookKey,
    pub(crate) readers: SingleFlight<(UserId, SessionId), Arc<UserView>>,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Longest time a command or a query may take if it says nothing else; after it the answer is
    /// "unavailable".
    pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);
    /// Longest wait for a connection to Postgres.
    const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

    /// Makes an app. Neither Postgres nor Redis need to be there yet.
    ///
    /// # Errors
    ///
    /// If a setting cannot be used: a malformed URL, parameters that argon2 refuses.
    pub fn new(settings: Settings, clock: Clock) -> anyhow::Result<Self> {
        let database: PgConnectOptions =
            settings.servers.database_url.expose_secret().parse().context("DATABASE_URL")?;
        // What is asked for here takes milliseconds; compiling a plan takes hundreds, and Postgres
        // does it whenever statistics make it expect much.
        let database = database.options([("jit", "off")]);
        let pool = PgPoolOptions::new()
            .max_connections(settings.servers.pool_size)
            .acquire_timeout(Self::ACQUIRE_TIMEOUT);
        let read_only = database.clone().options([("default_transaction_read_only", "on")]);
        let key = |key: &secrecy::SecretBox<[u8]>| {
            secrecy::SecretBox::new(Box::<[u8]>::from(key.expose_secret()))
        };
        let origin = settings.public_url.origin().ascii_serialization();
        let tokens = AccessTokens::new(
            &settings.keys.signing,
            origin,
            settings.namespace.clone(),
            settings.life.access_token,
        )?;
        let metrics = Metrics::new();
        let cache = Cache::new(&settings, metrics.product.clone()).context("REDIS_URL")?;
        let (write, read) =
            (pool.clone().connect_lazy_with(database), pool.connect_lazy_with(read_only));
        let hasher = Hasher::new(&settings.passwords, metrics.product.clone())?;
        let health = Health::default();
        metrics.show_app(&write, &read, &hasher, &health, &cache);
        Ok(Self(Arc::new(Parts {
            clock,
            write,
            read,
            limiter: Limiter::new(cache.clone(), settings.limits.enabled, metrics.product.clone()),
            cache,
            blobs: Blobs::new(&settings.blobs)?,
            tokens,
            health,
            metrics,
            committed: Notify::new(),
            neighbours: Neighbours::new(),
            hasher,
            policy: password_policy(&settings)?,
            links: LinkKey::new(key(&settings.keys.link)),
            sessions: SessionKey::new(key(&settings.keys.session)),
            webhooks: WebhookKey::new(key(&settings.keys.webhook)),
            readers: SingleFlight::new(usize::try_from(settings.servers.pool_size).unwrap_or(1)),
            settings,
        })))
    }

    /// The NATS subject of the nudge that wakes the relay after a commit. Plain NATS: it may get
    /// lost, the relay looks by itself every second.
    #[must_use]
    pub fn nudge_subject(&self) -> String {
        format!("{}.nudge", self.settings.namespace)
    }

    /// Looks after what this depends on, until it is dropped. Every process runs it once: without
    /// it the cache is not used and Postgres counts as away.
    pub async fn watch(self) {
        tokio::join!(
            self.cache.watch(),
            self.neighbours.help(&self.write, &self.cache),
            self.health.watch(&self.read, &self.clock),
        );
    }

    /// Runs a command.
    ///
    /// # Errors
    ///
    /// Its refusal; [`Error::Unavailable`] if what it depends on is away or takes too long.
    pub async fn execute<C: Command>(&self, command: C, origin: &Origin) -> Result<C::Output> {
        let timeout = command.timeout(self);
        let span = tracing::debug_span!("command", otel.name = C::NAME);
        let work = command.handle(self, origin).instrument(span);
        let result = within(C::NAME, timeout, work).await;
        self.metrics.product.command(C::NAME, &result);
        result
    }

    /// Runs a query.
    ///
    /// # Errors
    ///
    /// Its refusal; [`Error::Unavailable`] if what it depends on is away or takes too long.
    pub async fn fetch<Q: Query>(&self, query: Q) -> Result<Q::View> {
        let span = tracing::debug_span!("query", otel.name = Q::NAME);
        within(Q::NAME, Self::TIMEOUT, query.handle(self).instrument(span)).await
    }

    /// Begins a unit of work.
    pub(crate) async fn begin(&self, origin: &Origin) -> Result<Tx> {
        Tx::begin(self, origin).await
    }
}

fn password_policy(settings: &Settings) -> anyhow::Result<PasswordPolicy> {
    let larger = settings.passwords.blocklist.as_ref().map(|path| {
        let file = std::fs::File::open(path);
        let list = file.and_then(|file| Blocklist::read(std::io::BufReader::new(file)));
        list.with_context(|| format!("PASSWORD_BLOCKLIST_PATH: {} cannot be read", path.display()))
    });
    let (min_chars, product) = (settings.passwords.min_chars, settings.product.clone());
    Ok(PasswordPolicy::new(min_chars, product, larger.transpose()?))
}

async fn within<T>(
    name: &'static str,
    timeout: Duration,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    tokio::time::timeout(timeout, work)
        .await
        .unwrap_or_else(|_| Err(Error::Unavailable(anyhow::anyhow!("{name} took too long"))))
}
