//! The cache of current users and their sessions, in Redis.
//!
//! An entry is never stale after a change has been answered, because
//!
//! - every entry has the version of its row, and a fill replaces older entries only;
//! - a change writes a *tombstone* with its new version instead of deleting the entry, so a slow reader
//!   cannot put the old value back;
//! - the tombstone is written after the commit and before the answer, and again by the worker;
//! - entries made before the last outage are not trusted, because a tombstone may have been lost in it.
//!   Every process detects outages with `Cache::watch`, and a tombstone is retried for longer than
//!   that takes;
//! - a process that starts, or finds that the database has gone back, trusts no entry made before:
//!   a restored database repeats versions. What it writes replaces these entries.
//!
//! One case is weaker: if only the process that makes a change cannot reach Redis, the others trust
//! their entries until the worker's invalidation job has run (`docs/operate/faults.md` has the bound).
//!
//! Administrators' rights and every write are decided by the row in Postgres anyway.

mod entry;
mod invalidation;
pub(crate) mod single_flight;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use redis::{
    Client, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::ExposeSecret as _;

use crate::{
    domain::{SessionId, UserId},
    infra::metrics::Product,
    settings::Settings,
};
pub(crate) use entry::CacheEntry;
pub use invalidation::{Invalidation, invalidation_by};

/// The cache of one process.
#[derive(Debug, Clone)]
pub struct Cache {
    redis: ConnectionManager,
    namespace: Arc<str>,
    ttl: Duration,
    timeout: Duration,
    state: Arc<Mutex<State>>,
    metrics: Product,
}

/// Whether Redis answered the last request.
#[derive(Debug, Clone, Copy)]
enum State {
    /// It did. Entries made before this time of Redis (milliseconds) are not trusted.
    Up { valid_since_ms: i64 },
    /// It did not: no entry is trusted.
    Down { since: Instant },
}

impl Cache {
    /// Interval of [`watch`](Self::watch).
    const WATCH_INTERVAL: Duration = Duration::from_millis(250);
    /// Time for which tombstones are retried after an outage began: every other process has noticed the
    /// outage by then.
    const TOMBSTONE_TIMEOUT: Duration = Duration::from_secs(1);
    /// Maximum age of a value that is cached. An older one may precede a tombstone that has expired or
    /// was flushed.
    const MAX_FILL_AGE: Duration = Duration::from_secs(2);

    /// Opens the cache. Redis may still be unavailable.
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
            state: Arc::new(Mutex::new(State::Down { since: Instant::now() })),
            metrics,
        })
    }

    /// Whether Redis answered the last request.
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(*self.state(), State::Up { .. })
    }

    /// Trusts no entry made until now: the database was restored.
    pub(crate) fn distrust(&self) {
        *self.state() = State::Down { since: Instant::now() };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Detects outages until it is dropped, by writing to Redis. Every process that reads the cache
    /// runs it; before its first success everything is read from Postgres.
    pub(crate) async fn watch(&self) {
        let mut tick = tokio::time::interval(Self::WATCH_INTERVAL);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut last_answer = Instant::now();
        loop {
            tick.tick().await;
            let Some(now_ms) = self.time_ms().await else { continue };
            // A process that was paused may have missed an outage.
            if !self.is_up() || last_answer.elapsed() > Self::TOMBSTONE_TIMEOUT {
                tracing::info!("redis is available: using the cache");
                *self.state() = State::Up { valid_since_ms: now_ms };
            }
            last_answer = Instant::now();
        }
    }

    /// The trusted entries of a user and a session.
    pub(crate) async fn look_up(
        &self,
        user: UserId,
        session: SessionId,
    ) -> (Option<CacheEntry>, Option<CacheEntry>) {
        if !self.is_up() {
            self.metrics.looked_up("unavailable");
            return (None, None);
        }
        let mut command = redis::cmd("MGET");
        command.arg(self.user_key(user)).arg(self.session_key(session));
        let found = self.ask(command.query_async(&mut self.redis.clone())).await;
        let Some((user, session)) = found else {
            self.metrics.looked_up("error");
            return (None, None);
        };
        let trusted = |bytes: Option<Vec<u8>>| {
            bytes.and_then(|bytes| CacheEntry::parse(&bytes)).filter(|entry| self.trusts(entry))
        };
        let (user, session) = (trusted(user), trusted(session));
        let is_known = user.is_some() && session.is_some();
        self.metrics.looked_up(if is_known { "hit" } else { "miss" });
        (user, session)
    }

    fn trusts(&self, entry: &CacheEntry) -> bool {
        matches!(*self.state(), State::Up { valid_since_ms } if entry.made_at_ms >= valid_since_ms)
    }

    /// Entries and tombstones made before this time of Redis (milliseconds) are replaced, whatever their
    /// version is. A value that was read before this process trusted Redis cannot replace a tombstone
    /// made meanwhile.
    fn written_since_ms(&self) -> i64 {
        match *self.state() {
            State::Up { valid_since_ms } => {
                valid_since_ms.saturating_sub(Self::MAX_FILL_AGE.as_millis() as i64)
            }
            State::Down { .. } => 0,
        }
    }

    /// Caches a user and that a session of theirs is alive, as read from Postgres at `read_at`. Newer
    /// entries and tombstones stay.
    pub(crate) async fn fill(
        &self,
        user: UserId,
        session: SessionId,
        version: i64,
        value: &str,
        read_at: Instant,
    ) {
        if !self.is_up() || read_at.elapsed() > Self::MAX_FILL_AGE {
            return;
        }
        let (owner, ttl) = (user.to_string(), self.ttl_with_jitter());
        let mut pipe = redis::pipe();
        let since_ms = self.written_since_ms();
        for (key, version, value) in
            [(self.user_key(user), version, value), (self.session_key(session), 0, &*owner)]
        {
            pipe.add_command(entry::write(&key, version, value, ttl, since_ms)).ignore();
        }
        self.ask(pipe.query_async::<()>(&mut self.redis.clone())).await;
    }

    /// Writes tombstones, after which no process trusts the old entries.
    ///
    /// Returns false if Redis cannot be reached. If it is down, all processes have noticed by then and
    /// trust no entry; if only this process cannot reach it, others may still trust the old entries.
    pub async fn write_tombstones(&self, invalidations: &[Invalidation]) -> bool {
        if invalidations.is_empty() {
            return true;
        }
        let down_since = match *self.state() {
            State::Up { .. } => Instant::now(),
            State::Down { since } => since,
        };
        let deadline = down_since + Self::TOMBSTONE_TIMEOUT;
        while self.try_write_tombstones(invalidations).await.is_none() {
            if Instant::now() >= deadline {
                return false;
            }
            tokio::time::sleep(self.timeout).await;
        }
        true
    }

    async fn try_write_tombstones(&self, invalidations: &[Invalidation]) -> Option<()> {
        let mut pipe = redis::pipe();
        for invalidation in invalidations {
            let (key, version) = match *invalidation {
                Invalidation::User(user, version) => (self.user_key(user), version),
                Invalidation::Session(session) => (self.session_key(session), 1),
            };
            let since_ms = self.written_since_ms();
            pipe.add_command(entry::write(&key, version, "", self.ttl * 2, since_ms)).ignore();
        }
        self.ask(pipe.query_async(&mut self.redis.clone())).await
    }

    /// Runs a script that the caller prepares for this installation's namespace. Returns `None` if Redis
    /// is unavailable.
    pub(crate) async fn run<T: redis::FromRedisValue>(
        &self,
        prepare: impl FnOnce(&str) -> redis::ScriptInvocation<'static>,
    ) -> Option<T> {
        if !self.is_up() {
            return None;
        }
        let call = prepare(&self.namespace);
        self.ask(call.invoke_async(&mut self.redis.clone())).await
    }

    /// The time of Redis, if it accepts writes: a full Redis, or a replica, still serves entries whose
    /// tombstones it refuses.
    async fn time_ms(&self) -> Option<i64> {
        let mut pipe = redis::pipe();
        pipe.pset_ex(format!("{}:watch", self.namespace), "", 1_000).ignore().cmd("TIME");
        let answer = self.ask(pipe.query_async(&mut self.redis.clone())).await;
        answer.map(|((seconds, micros),): ((i64, i64),)| seconds * 1_000 + micros / 1_000)
    }

    /// Waits for an answer of Redis. Marks Redis as unavailable if it fails or times out.
    async fn ask<T>(&self, answer: impl Future<Output = RedisResult<T>>) -> Option<T> {
        let answer = tokio::time::timeout(self.timeout, answer)
            .await
            .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()));
        answer.inspect_err(|error| self.mark_unavailable(error)).ok()
    }

    fn mark_unavailable(&self, error: &RedisError) {
        let mut state = self.state();
        if matches!(*state, State::Up { .. }) {
            *state = State::Down { since: Instant::now() };
            tracing::warn!(%error, "redis is unavailable: reading from postgres");
        }
    }

    /// Spreads the expiry of entries made at the same time.
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
