//! A pool of connections.

use std::{io, sync::Arc, time::Duration};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    connection::{Connection, Transaction},
    opener,
    shared::{IDLE_TIMEOUT, Shared, Waiting},
};

/// Longest wait for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How often idle connections are looked through.
const SHRINK_INTERVAL: Duration = Duration::from_secs(10);

/// A pool of connections. Cheap to clone. It opens no connection before the first is needed.
#[derive(Debug, Clone)]
pub struct Pool(pub(super) Arc<Shared>);

impl Pool {
    /// A pool of at most `max` connections.
    pub(crate) fn new(options: PgConnectOptions, max: u32) -> Self {
        Self(Arc::new(Shared::new(options, max)))
    }

    /// Waits for a connection.
    ///
    /// # Errors
    ///
    /// After three seconds without a connection; a connection that is being opened is for later
    /// callers then.
    pub async fn acquire(&self) -> sqlx::Result<Connection> {
        self.in_time(async {
            loop {
                let mut connection = self.next().await?;
                if connection.is_alive().await {
                    return Ok(connection);
                }
            }
        })
        .await
    }

    async fn in_time<T>(&self, work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        tokio::time::timeout(ACQUIRE_TIMEOUT, work).await.unwrap_or_else(|_| {
            let failure = self.failure().map(|failure| sqlx::Error::Io(io::Error::other(failure)));
            Err(failure.unwrap_or(sqlx::Error::PoolTimedOut))
        })
    }

    /// Why no connection could be opened since the last that was.
    pub(crate) fn failure(&self) -> Option<String> {
        self.0.lock().failure.clone()
    }

    /// The next idle connection. It may be lost.
    async fn next(&self) -> sqlx::Result<Connection> {
        let waiting = Waiting::new(&self.0);
        opener::open_more(&self.0);
        let permit = self.0.available.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        permit.forget();
        let mut state = self.0.lock();
        let idle = state.idle.pop().ok_or(sqlx::Error::PoolClosed)?;
        drop(state);
        drop(waiting);
        Ok(Connection::new(self.0.clone(), idle))
    }

    /// Begins a transaction.
    ///
    /// # Errors
    ///
    /// If there is no connection, or Postgres is unreachable.
    pub async fn begin(&self) -> sqlx::Result<Transaction> {
        self.begin_with("begin").await
    }

    /// Begins a transaction with a statement of its own, which also tests the connection: if it is lost,
    /// the next one is used.
    ///
    /// # Errors
    ///
    /// If there is no connection, or Postgres is unreachable.
    pub async fn begin_with(&self, statement: &'static str) -> sqlx::Result<Transaction> {
        self.in_time(async {
            loop {
                if let Ok(begun) = Transaction::begin(self.next().await?, statement).await {
                    return Ok(begun);
                }
            }
        })
        .await
    }

    /// A pool of sqlx with the same options, for a library that needs one. It opens connections only
    /// when they are needed, and closes idle ones.
    #[must_use]
    pub fn for_library(&self, max: u32) -> PgPool {
        let shared = self.0.clone();
        PgPoolOptions::new()
            .before_acquire(move |_, meta| {
                let is_current = shared.is_current(meta.age);
                Box::pin(async move { Ok(is_current) })
            })
            .max_connections(max)
            .acquire_timeout(opener::OPEN_TIMEOUT)
            .idle_timeout(IDLE_TIMEOUT)
            .connect_lazy_with(self.0.options.clone())
    }

    /// Uses no connection again that is open now.
    pub(crate) fn renew(&self) {
        self.0.renew();
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
