//! The state that commands and queries share.

use std::{fs::File, sync::Arc};

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretBox};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::Notify;

use crate::{
    domain::{
        Blocklist, ClaimKey, CursorKey, DerivationKey, LinkKey, MailKey, PasswordPolicy,
        ServiceTokenKey, SessionId, SessionKey, UserId, WebhookKey,
    },
    infra::{
        access_tokens::AccessTokens,
        blobs::BlobStore,
        cache::{Cache, single_flight::SingleFlight},
        clock::Clock,
        health::Health,
        keyed_lock::KeyedLock,
        limits::Limiter,
        metrics::Metrics,
        passwords::Hasher,
        postgres::Pool,
        readiness::with_session_settings,
    },
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
    pub write: Pool,
    /// Connections on which Postgres refuses writes.
    pub read: Pool,
    /// The cache of current users.
    pub cache: Cache,
    /// Rate limits.
    pub limiter: Limiter,
    /// Storage of avatars.
    pub blobs: BlobStore,
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
    /// Tokens and codes of links.
    pub links: LinkKey,
    /// Return paths and hashes of mailboxes.
    pub mails: MailKey,
    /// Codes of cursors.
    pub cursors: CursorKey,
    pub(crate) sessions: SessionKey,
    /// Secrets of webhooks.
    pub webhooks: WebhookKey,
    pub(crate) claims: ClaimKey,
    /// Requests with an idempotency key, by its claim.
    pub(crate) idempotency_locks: KeyedLock<[u8; 32]>,
    /// Reads and derives service tokens.
    pub service_tokens: ServiceTokenKey,
    /// Readers of current users, who share what is cached: JSON.
    pub(crate) readers: SingleFlight<(UserId, SessionId), Arc<str>>,
}

impl Parts {
    pub(super) fn new(settings: Settings, clock: Clock) -> anyhow::Result<Self> {
        let database: PgConnectOptions =
            settings.servers.database_url.expose_secret().parse().context("DATABASE_URL")?;
        let database = with_session_settings(database);
        let read_only = database.clone().options([("default_transaction_read_only", "on")]);
        let pool_size = settings.servers.pool_size;
        let tokens = AccessTokens::new(
            &settings.keys.signing,
            settings.public_url.origin().ascii_serialization(),
            settings.namespace.clone(),
            settings.life.access_token,
            settings.token_claims.clone(),
        )?;
        let metrics = Metrics::new();
        let product = || metrics.product.clone();
        let cache = Cache::new(&settings, product()).context("REDIS_URL")?;
        Ok(Self {
            clock,
            write: Pool::new(database, pool_size),
            read: Pool::new(read_only, pool_size),
            limiter: Limiter::new(cache.clone(), settings.limits.enabled, product()),
            cache,
            blobs: BlobStore::new(&settings.blobs)?,
            tokens,
            health: Health::default(),
            committed: Notify::new(),
            hasher: Hasher::new(&settings.passwords, product())?,
            policy: password_policy(&settings)?,
            links: LinkKey(derivation_key(&settings.keys.link)),
            mails: MailKey(derivation_key(&settings.keys.link)),
            cursors: CursorKey(derivation_key(&settings.keys.link)),
            claims: ClaimKey(derivation_key(&settings.keys.link)),
            idempotency_locks: KeyedLock::default(),
            sessions: SessionKey(derivation_key(&settings.keys.session)),
            service_tokens: ServiceTokenKey(derivation_key(&settings.keys.session)),
            webhooks: WebhookKey(derivation_key(&settings.keys.webhook)),
            readers: SingleFlight::new(usize::try_from(pool_size).unwrap_or(1)),
            metrics,
            settings,
        })
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
