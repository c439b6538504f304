//! What Redis remembers for a moment: who somebody is, and whether their session is alive.
//!
//! It is never wrong after a change, because
//!
//! - every entry carries the version of what it describes; a fill replaces only older ones;
//! - a change leaves a *tombstone* with its new version instead of deleting the entry, so a reader
//!   that was slow cannot put the old value back;
//! - the tombstone is written after the commit and before the answer, and once more by the worker;
//! - an entry made before the last outage that this process saw is not believed: somebody's
//!   tombstone may have been lost in it. `Cache::watch` looks for outages all the time, by writing, and a
//!   tombstone that cannot be written is tried for longer than the watch of others takes to notice;
//! - whoever cannot reach Redis asks others, who perhaps can (`Neighbours`).
//!
//! Rights of administrators and every write are decided by the row in Postgres all the same.

mod entry;
mod invalidation;
mod neighbours;
mod scripts;
pub(crate) mod single_flight;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use redis::{
    Client, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::ExposeSecret as _;

use crate::{
    domain::{SessionId, UserId},
    infra::metrics::{CacheResult, Product},
    settings::Settings,
};
pub(crate) use entry::Entry;
pub use invalidation::{Invalidation, invalidation_by};
pub(crate) use neighbours::Neighbours;

/// The cache of one process.
#[derive(Clone)]
pub struct Cache {
    redis: ConnectionManager,
    namespace: Arc<str>,
    ttl: Duration,
    timeout: Duration,
    /// Entries made before this time of Redis (milliseconds) are not believed;
    /// [`UNTRUSTED`] while Redis is away.
    valid_since_ms: Arc<AtomicI64>,
    metrics: Product,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

/// Nothing in Redis is believed.
const UNTRUSTED: i64 = i64::MAX;

impl Cache {
    /// How often [`watch`](Self::watch) looks whether Redis is there.
    const WATCH_EVERY: Duration = Duration::from_millis(250);
    /// For so long a tombstone is tried: every other process has looked at least twice by then.
    const TOMBSTONE_TIMEOUT: Duration = Duration::from_secs(1);
    /// A value read from Postgres longer ago than this is not cached: it may be older than a
    /// tombstone that has expired, or that was flushed away.
    const FILL_WITHIN: Duration = Duration::from_secs(2);

    /// Opens the cache. Redis need not be there; it is connected to when it is.
    ///
    /// # Errors
    ///
    /// If `REDIS_URL` is malformed.
    pub(crate) fn new(settings: &Settings, metrics: Product) -> anyhow::Result<Self> {
        let client = Client::open(settings.servers.redis_url.expose_secret())?;
        let timeout = settings.servers.redis_timeout;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(timeout))
            .set_response_timeout(Some(timeout))
            .set_number_of_retries(0);
        Ok(Self {
            redis: ConnectionManager::new_lazy_with_config(client, config)?,
            namespace: settings.namespace.as_str().into(),
            ttl: settings.cache_ttl,
            timeout,
            valid_since_ms: Arc::new(AtomicI64::new(UNTRUSTED)),
            metrics,
        })
    }

    /// Whether Redis answered the last time it was asked.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.valid_since_ms.load(Ordering::Acquire) != UNTRUSTED
    }

    /// Looks for outages until it is dropped. Every process that reads the cache runs it; until it
    /// has found Redis once, everything is read from Postgres.
    pub(crate) async fn watch(&self) {
        let mut tick = tokio::time::interval(Self::WATCH_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut last_answer = Instant::now();
        loop {
            tick.tick().await;
            match self.time_ms().await {
                Ok(now) => {
                    // A process that was paused itself cannot know what it slept through.
                    if !self.is_up() || last_answer.elapsed() > Self::TOMBSTONE_TIMEOUT {
                        tracing::info!("redis answers: the cache is used from now on");
                        self.valid_since_ms.store(now, Ordering::Release);
                    }
                    last_answer = Instant::now();
                }
                Err(error) => self.mark_unavailable(&error),
            }
        }
    }

    /// Who the user is and whether the session is alive, as far as is known.
    pub(crate) async fn look_up(
        &self,
        user: UserId,
        session: SessionId,
    ) -> (Option<Entry>, Option<Entry>) {
        if !self.is_up() {
            self.metrics.looked_up(CacheResult::Unavailable);
            return (None, None);
        }
        let mut command = redis::cmd("MGET");
        command.arg(self.user_key(user)).arg(self.session_key(session));
        let mut redis = self.redis.clone();
        let answer = self.within(command.query_async(&mut redis)).await;
        let (user, session): (Option<Vec<u8>>, Option<Vec<u8>>) = match answer {
            Ok(found) => found,
            Err(error) => {
                self.mark_unavailable(&error);
                self.metrics.looked_up(CacheResult::Error);
                return (None, None);
            }
        };
        let since_ms = self.valid_since_ms.load(Ordering::Acquire);
        let believed = |bytes: Option<Vec<u8>>| {
            bytes
                .and_then(|bytes| Entry::parse(&bytes))
                .filter(|entry| entry.made_at_ms >= since_ms)
        };
        let (user, session) = (believed(user), believed(session));
        let is_known = user.is_some() && session.is_some();
        self.metrics.looked_up(if is_known { CacheResult::Hit } else { CacheResult::Miss });
        (user, session)
    }

    /// Remembers what was read from Postgres at `read_at`, unless something newer is known.
    pub(crate) async fn fill_user(
        &self,
        user: UserId,
        version: i64,
        value: &str,
        read_at: Instant,
    ) {
        self.fill(self.user_key(user), version, value, read_at).await;
    }

    /// Remembers that a session is alive, unless it is known to have ended.
    pub(crate) async fn fill_session(&self, session: SessionId, owner: UserId, read_at: Instant) {
        self.fill(self.session_key(session), 0, &owner.to_string(), read_at).await;
    }

    async fn fill(&self, key: String, version: i64, value: &str, read_at: Instant) {
        if !self.is_up() || read_at.elapsed() > Self::FILL_WITHIN {
            return;
        }
        let mut redis = self.redis.clone();
        let fill = scripts::fill(&key, version, value, self.ttl_with_jitter());
        if let Err(error) = self.within(fill.invoke_async::<()>(&mut redis)).await {
            self.mark_unavailable(&error);
        }
    }

    /// Writes tombstones: whoever asks from now on is judged by the new state.
    ///
    /// Returns false if Redis could not be told. If it is away, everybody who could have believed
    /// the old entry has noticed by then; if it is only out of reach, others can still tell it.
    pub async fn write_tombstones(&self, invalidations: &[Invalidation]) -> bool {
        if invalidations.is_empty() {
            return true;
        }
        let give_up = Instant::now() + Self::TOMBSTONE_TIMEOUT;
        loop {
            match self.try_write_tombstones(invalidations).await {
                Ok(()) => return true,
                Err(error) => {
                    let known = !self.is_up();
                    self.mark_unavailable(&error);
                    if known || Instant::now() >= give_up {
                        return false;
                    }
                    tokio::time::sleep(self.timeout).await;
                }
            }
        }
    }

    async fn try_write_tombstones(&self, invalidations: &[Invalidation]) -> RedisResult<()> {
        let mut pipe = redis::pipe();
        for invalidation in invalidations {
            let (key, version) = match *invalidation {
                Invalidation::User(user, version) => (self.user_key(user), version),
                Invalidation::Session(session) => (self.session_key(session), 1),
            };
            scripts::write_tombstone(&mut pipe, &key, version, self.ttl * 2);
        }
        let mut redis = self.redis.clone();
        self.within(pipe.query_async::<()>(&mut redis)).await
    }

    /// Runs a script that the caller prepares for this installation's namespace; nothing if Redis
    /// is away.
    pub(crate) async fn run<T: redis::FromRedisValue>(
        &self,
        prepare: impl FnOnce(&str) -> redis::ScriptInvocation<'static>,
    ) -> Option<T> {
        if !self.is_up() {
            return None;
        }
        let mut redis = self.redis.clone();
        let call = prepare(&self.namespace);
        let answer = self.within(call.invoke_async(&mut redis)).await;
        answer.map_err(|error| self.mark_unavailable(&error)).ok()
    }

    /// The time of Redis, if it can be written: one that is full, or a replica, answers readers with
    /// entries whose tombstones it refuses.
    async fn time_ms(&self) -> RedisResult<i64> {
        let mut redis = self.redis.clone();
        let mut ask = redis::pipe();
        ask.pset_ex(format!("{}:watch", self.namespace), "", 1_000).ignore().cmd("TIME");
        let ((seconds, micros),): ((i64, i64),) = self.within(ask.query_async(&mut redis)).await?;
        Ok(seconds * 1_000 + micros / 1_000)
    }

    async fn within<T>(&self, answer: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
        tokio::time::timeout(self.timeout, answer)
            .await
            .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
    }

    fn mark_unavailable(&self, error: &redis::RedisError) {
        if self.valid_since_ms.swap(UNTRUSTED, Ordering::AcqRel) != UNTRUSTED {
            tracing::warn!(%error, "redis does not answer: reading from postgres until it does");
        }
    }

    /// Entries that were made together do not end together.
    fn ttl_with_jitter(&self) -> Duration {
        let spread = f64::from(uuid::Uuid::new_v4().as_bytes()[0]) / 255.0;
        self.ttl.mul_f64(0.8 + 0.2 * spread)
    }

    fn user_key(&self, user: UserId) -> String {
        format!("{}:user:{user}", self.namespace)
    }

    fn session_key(&self, session: SessionId) -> String {
        format!("{}:session:{session}", self.namespace)
    }
}
