//! A pool of connections.

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{
    PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::Semaphore;

use super::{
    connection::{Connection, Transaction},
    opener,
};

/// Longest wait for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that was idle for longer is tested before it is used.
const TEST_AFTER: Duration = Duration::from_secs(2);
/// All connections but one that are idle for longer are closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// How often idle connections are looked through.
const SHRINK_INTERVAL: Duration = Duration::from_secs(10);

/// A pool of connections. Cheap to clone. It opens no connection before the first is needed.
#[derive(Debug, Clone)]
pub struct Pool(pub(super) Arc<Shared>);

/// The state of a pool.
pub(super) struct Shared {
    pub(super) options: PgConnectOptions,
    max: u32,
    /// One permit for each idle connection. Callers get them in their order.
    pub(super) available: Semaphore,
    state: Mutex<State>,
}

pub(super) struct State {
    /// The connection that was used last is used next.
    pub(super) idle: Vec<Idle>,
    /// Connections that are open or being opened.
    pub(super) size: usize,
    /// Those of them that are being opened.
    pub(super) opening: usize,
    /// Callers that wait for a connection.
    waiting: usize,
    /// When a connection was last found to be lost. Idle connections may be lost since then, too.
    pub(super) lost_at: Instant,
    /// Why no connection could be opened since the last that was.
    pub(super) failure: Option<String>,
}

impl State {
    /// Whether callers wait for more connections than are idle.
    pub(super) fn is_short(&self) -> bool {
        self.waiting > self.idle.len()
    }
}

pub(super) struct Idle {
    pub(super) sql: PgConnection,
    pub(super) since: Instant,
    /// When it is closed after its use.
    pub(super) expires_at: Instant,
}

impl Pool {
    /// A pool of at most `max` connections.
    pub(crate) fn new(options: PgConnectOptions, max: u32) -> Self {
        let state = State {
            idle: Vec::new(),
            size: 0,
            opening: 0,
            waiting: 0,
            lost_at: Instant::now(),
            failure: None,
        };
        let (available, state) = (Semaphore::new(0), Mutex::new(state));
        Self(Arc::new(Shared { options, max, available, state }))
    }

    /// Waits for a connection.
    ///
    /// # Errors
    ///
    /// After three seconds without a connection; a connection that is being opened is for later
    /// callers then.
    pub async fn acquire(&self) -> sqlx::Result<Connection> {
        let acquired = tokio::time::timeout(ACQUIRE_TIMEOUT, async {
            loop {
                let (mut connection, is_fresh) = self.next().await?;
                if is_fresh || connection.is_alive().await {
                    return Ok(connection);
                }
            }
        });
        acquired.await.unwrap_or_else(|_| match &self.0.lock().failure {
            Some(failure) => Err(sqlx::Error::Io(io::Error::other(failure.clone()))),
            None => Err(sqlx::Error::PoolTimedOut),
        })
    }

    /// The next idle connection, and whether it was used a moment ago.
    async fn next(&self) -> sqlx::Result<(Connection, bool)> {
        let waiting = Waiting::new(&self.0);
        opener::open_more(&self.0);
        let permit = self.0.available.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        permit.forget();
        let mut state = self.0.lock();
        let idle = state.idle.pop().ok_or(sqlx::Error::PoolClosed)?;
        let is_fresh = idle.since.elapsed() < TEST_AFTER && idle.since > state.lost_at;
        drop(state);
        drop(waiting);
        Ok((Connection::new(self.0.clone(), idle), is_fresh))
    }

    /// Begins a transaction.
    ///
    /// # Errors
    ///
    /// If there is no connection, or Postgres is unreachable.
    pub async fn begin(&self) -> sqlx::Result<Transaction> {
        self.begin_with("begin").await
    }

    /// Begins a transaction with a statement of its own.
    ///
    /// # Errors
    ///
    /// If there is no connection, or Postgres is unreachable.
    pub async fn begin_with(&self, statement: &'static str) -> sqlx::Result<Transaction> {
        Transaction::begin(self.acquire().await?, statement).await
    }

    /// A pool of sqlx with the same options, for a library that needs one. It opens connections only
    /// when they are needed, and closes idle ones.
    #[must_use]
    pub fn for_library(&self, max: u32) -> PgPool {
        PgPoolOptions::new()
            .max_connections(max)
            .acquire_timeout(opener::OPEN_TIMEOUT)
            .idle_timeout(IDLE_TIMEOUT)
            .connect_lazy_with(self.0.options.clone())
    }

    /// Closes connections that are not needed any more, until it is dropped.
    pub(crate) async fn watch(&self) {
        loop {
            tokio::time::sleep(SHRINK_INTERVAL).await;
            while let Some(idle) = self.0.take_unused() {
                opener::close(idle.sql).await;
            }
        }
    }

    /// Connections that are open or being opened.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.lock().size
    }

    /// Connections that are not in use.
    #[must_use]
    pub fn num_idle(&self) -> usize {
        self.0.lock().idle.len()
    }

    /// The largest number of connections.
    #[must_use]
    pub fn max(&self) -> u32 {
        self.0.max
    }

    /// Refuses every further [`acquire`](Self::acquire).
    pub fn close(&self) {
        self.0.available.close();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options contain the password.
        f.debug_struct("Pool").field("size", &self.lock().size).finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves a place for another connection if callers wait for it.
    pub(super) fn reserve(&self) -> bool {
        let mut state = self.lock();
        let is_needed =
            state.waiting > state.idle.len() + state.opening && state.size < self.max as usize;
        if is_needed {
            state.size += 1;
            state.opening += 1;
        }
        is_needed
    }

    /// Makes a connection available.
    pub(super) fn put(&self, sql: PgConnection, expires_at: Instant) {
        self.lock().idle.push(Idle { sql, since: Instant::now(), expires_at });
        self.available.add_permits(1);
    }

    /// Takes the connection that has been idle for the longest time, if it is not needed any more.
    fn take_unused(&self) -> Option<Idle> {
        let permit = self.available.try_acquire().ok()?;
        let mut state = self.lock();
        let is_unused = state.idle.len() > 1 && state.idle[0].since.elapsed() > IDLE_TIMEOUT;
        if !is_unused {
            return None;
        }
        permit.forget();
        state.size -= 1;
        Some(state.idle.remove(0))
    }
}

/// A caller that waits for a connection.
struct Waiting<'a>(&'a Shared);

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.lock().waiting += 1;
        Self(shared)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}
