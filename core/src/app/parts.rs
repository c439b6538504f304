//! The state that commands and queries share.

use std::{fs::File, sync::Arc, time::Duration};

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretBox};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::Notify;

use crate::{
    domain::{
        Blocklist, DerivationKey, LinkKey, PasswordPolicy, SessionId, SessionKey, UserId,
        WebhookKey,
    },
    infra::{
        access_tokens::AccessTokens,
        blobs::Blobs,
        cache::{Cache, single_flight::SingleFlight},
        clock::Clock,
        health::Health,
        limits::Limiter,
        metrics::Metrics,
        passwords::Hasher,
    },
    queries::UserView,
    settings::Settings,
};

/// The state of an [`App`](super::App), which dereferences to it.
#[derive(Debug)]
pub struct Parts {
    /// The settings.
    pub settings: Settings,
    /// The clock.
    pub clock: Clock,
    /// Connections that write. Queries use [`read`](Self::read).
    pub write: PgPool,
    /// Connections on which Postgres refuses writes.
    pub read: PgPool,
    /// The cache of current users.
    pub cache: Cache,
    /// Rate limits.
    pub limiter: Limiter,
    /// Storage of avatars.
    pub blobs: Blobs,
    /// Access tokens.
    pub tokens: AccessTokens,
    /// Whether Postgres is available.
    pub health: Health,
    /// Metrics.
    pub metrics: Metrics,
    /// Notified by every commit, so that the relay publishes at once.
    pub committed: Notify,
    pub(crate) policy: PasswordPolicy,
    pub(crate) hasher: Hasher,
    pub(crate) links: LinkKey,
    pub(crate) sessions: SessionKey,
    pub(crate) webhooks: WebhookKey,
    pub(crate) readers: SingleFlight<(UserId, SessionId), Arc<UserView>>,
}

impl Parts {
    /// Longest wait for a connection to Postgres.
    const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

    pub(super) fn new(settings: Settings, clock: Clock) -> anyhow::Result<Self> {
        let database: PgConnectOptions =
            settings.servers.database_url.expose_secret().parse().context("DATABASE_URL")?;
        // Our statements take milliseconds, compiling a plan hundreds of them. Postgres compiles
        // whenever outdated statistics make it expect many rows.
        let database = database.options([("jit", "off")]);
        let read_only = database.clone().options([("default_transaction_read_only", "on")]);
        let pool = PgPoolOptions::new()
            .max_connections(settings.servers.pool_size)
            .acquire_timeout(Self::ACQUIRE_TIMEOUT);
        let tokens = AccessTokens::new(
            &settings.keys.signing,
            settings.public_url.origin().ascii_serialization(),
            settings.namespace.clone(),
            settings.life.access_token,
        )?;
        let metrics = Metrics::new();
        let product = || metrics.product.clone();
        let cache = Cache::new(&settings, product()).context("REDIS_URL")?;
        let parts = Self {
            clock,
            write: pool.clone().connect_lazy_with(database),
            read: pool.connect_lazy_with(read_only),
            limiter: Limiter::new(cache.clone(), settings.limits.enabled, product()),
            cache,
            blobs: Blobs::new(&settings.blobs)?,
            tokens,
            health: Health::default(),
            committed: Notify::new(),
            hasher: Hasher::new(&settings.passwords, product())?,
            policy: password_policy(&settings)?,
            links: LinkKey(derivation_key(&settings.keys.link)),
            sessions: SessionKey(derivation_key(&settings.keys.session)),
            webhooks: WebhookKey(derivation_key(&settings.keys.webhook)),
            readers: SingleFlight::new(usize::try_from(settings.servers.pool_size).unwrap_or(1)),
            metrics,
            settings,
        };
        parts.show_gauges();
        Ok(parts)
    }

    /// Shows what every process has.
    fn show_gauges(&self) {
        let metrics = &self.metrics;
        let (health, cache) = (self.health.clone(), self.cache.clone());
        metrics.show_dependency("postgres", move || health.postgres());
        metrics.show_dependency("redis", move || cache.is_up());
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        for (name, pool) in [("write", &self.write), ("read", &self.read)] {
            let help = "Connections to Postgres by pool (read or write) and state (idle or used)";
            let labels = |state| [("pool", name), ("state", state)];
            let (idle, used, max) = (pool.clone(), pool.clone(), pool.clone());
            metrics.show("postgres_connections", help, &labels("idle"), move || {
                number(idle.num_idle())
            });
            metrics.show("postgres_connections", help, &labels("used"), move || {
                i64::from(used.size()).saturating_sub(number(used.num_idle()))
            });
            let help = "Maximum number of connections to Postgres by pool (DATABASE_POOL_SIZE)";
            metrics.show("postgres_connections_limit", help, &[("pool", name)], move || {
                max.options().get_max_connections().into()
            });
        }
        let (running, waiting) = (self.hasher.clone(), self.hasher.clone());
        let help = "Passwords being hashed";
        metrics.show("argon2_running", help, &[], move || running.load().0);
        let help = "Passwords waiting for a core; beyond ARGON2_QUEUE they are refused";
        metrics.show("argon2_waiting", help, &[], move || waiting.load().1);
    }
}

fn derivation_key(key: &SecretBox<[u8]>) -> DerivationKey {
    DerivationKey::new(SecretBox::new(key.expose_secret().into()))
}

fn password_policy(settings: &Settings) -> anyhow::Result<PasswordPolicy> {
    let blocklist = match &settings.passwords.blocklist {
        Some(path) => File::open(path).and_then(Blocklist::read).with_context(|| {
            format!("PASSWORD_BLOCKLIST_PATH: {} cannot be read", path.display())
        })?,
        None => Blocklist::read(std::io::empty())?,
    };
    Ok(PasswordPolicy::new(settings.passwords.min_chars, settings.product.clone(), blocklist))
}
