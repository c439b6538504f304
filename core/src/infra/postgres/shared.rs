//! The state of a pool.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{PgConnection, postgres::PgConnectOptions};
use tokio::sync::Semaphore;

use crate::infra::retry::jitter;

/// All connections but one that are idle for longer are closed.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// A connection is closed after this time, give or take a tenth, so that a change of the server's
/// address or settings takes effect.
const LIFETIME: Duration = Duration::from_secs(1_800);
/// Connections that a pool opens at a time.
const MAX_OPENING: usize = 2;

/// The state of a pool.
pub(super) struct Shared {
    pub(super) options: PgConnectOptions,
    pub(super) max: u32,
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
    /// Why no connection could be opened since the last that was.
    pub(super) failure: Option<String>,
    /// Connections that were opened before are not used again.
    renewed_at: Instant,
}

pub(super) struct Idle {
    pub(super) sql: PgConnection,
    pub(super) since: Instant,
    pub(super) life: Life,
}

/// When a connection was opened, and when it is closed after its use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    opened_at: Instant,
    expires_at: Instant,
}

impl Life {
    /// The life of a connection that was opened now.
    pub(super) fn begin() -> Self {
        let opened_at = Instant::now();
        Self { opened_at, expires_at: opened_at + LIFETIME.mul_f64(0.9 + jitter() / 5.0) }
    }
}

impl Shared {
    pub(super) fn new(options: PgConnectOptions, max: u32) -> Self {
        let state = State {
            idle: Vec::new(),
            size: 0,
            opening: 0,
            waiting: 0,
            failure: None,
            renewed_at: Instant::now(),
        };
        Self { options, max, available: Semaphore::new(0), state: Mutex::new(state) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves a place for another connection if callers wait for it.
    pub(super) fn reserve(&self) -> bool {
        let mut state = self.lock();
        let is_needed = state.waiting > state.idle.len() + state.opening
            && state.size < self.max as usize
            && state.opening < MAX_OPENING;
        if is_needed {
            state.size += 1;
            state.opening += 1;
        }
        is_needed
    }

    /// Releases a reserved place, and returns false, if callers no longer wait for it.
    pub(super) fn keep_reservation(&self) -> bool {
        let mut state = self.lock();
        let is_short = state.waiting > state.idle.len();
        if !is_short {
            (state.opening, state.size) = (state.opening - 1, state.size - 1);
        }
        is_short
    }

    /// Makes a connection available.
    pub(super) fn put(&self, sql: PgConnection, life: Life) {
        self.lock().idle.push(Idle { sql, since: Instant::now(), life });
        self.available.add_permits(1);
    }

    /// Whether a connection is to be closed after its use.
    pub(super) fn is_over(&self, life: Life) -> bool {
        life.expires_at < Instant::now() || life.opened_at < self.lock().renewed_at
    }

    /// Closes the idle connections now and the others after their use.
    pub(super) fn renew(&self) {
        self.lock().renewed_at = Instant::now();
        while let Ok(permit) = self.available.try_acquire() {
            permit.forget();
            let mut state = self.lock();
            state.idle.pop();
            state.size -= 1;
        }
    }

    /// Whether a connection of this age was opened after the last renewal.
    pub(super) fn is_current(&self, age: Duration) -> bool {
        age <= self.lock().renewed_at.elapsed()
    }

    /// Takes the connection that has been idle for the longest time, if it is not needed any more.
    pub(super) fn take_unused(&self) -> Option<Idle> {
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

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options contain the password.
        f.debug_struct("Pool").field("size", &self.lock().size).finish_non_exhaustive()
    }
}

/// A caller that waits for a connection.
pub(super) struct Waiting<'a>(&'a Shared);

impl<'a> Waiting<'a> {
    pub(super) fn new(shared: &'a Shared) -> Self {
        shared.lock().waiting += 1;
        Self(shared)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}
