//! The open connections, and which one to close when there are too many.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A connection is not idle for this long after a response, which may still be in transit.
const KEEPALIVE_GRACE: Duration = Duration::from_secs(1);
/// How often to check whether a connection has closed.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// The open connections.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    permits: Arc<Semaphore>,
    open: Arc<Mutex<HashMap<Uuid, Activity>>>,
}

/// What a connection is doing.
#[derive(Debug)]
struct Activity {
    requests_in_progress: usize,
    has_had_request: bool,
    /// When the connection was opened or last completed a request.
    idle_since: Instant,
    must_close: CancellationToken,
}

/// An open connection. Releases its permit when dropped.
#[derive(Debug)]
pub(super) struct Connection {
    id: Uuid,
    /// Cancelled when this connection must make room for another one.
    pub(super) must_close: CancellationToken,
    all: Connections,
    _permit: Option<OwnedSemaphorePermit>,
}

/// A request in progress. Its connection is not idle until this is dropped.
pub(super) struct RequestInProgress {
    id: Uuid,
    all: Connections,
}

impl Connections {
    /// Allows at most `max` open connections.
    pub(super) fn new(max: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(max)), open: Arc::default() }
    }

    /// Admits a new connection. If all permits are taken, closes the longest idle connection; if
    /// none is idle, waits.
    pub(super) async fn admit(&self) -> Connection {
        let mut permit = Arc::clone(&self.permits).try_acquire_owned().ok();
        while permit.is_none() && !self.permits.is_closed() {
            self.close_idlest(Duration::ZERO);
            let free = Arc::clone(&self.permits).acquire_owned();
            permit = tokio::time::timeout(CHECK_INTERVAL, free).await.ok().and_then(Result::ok);
        }
        let (id, must_close) = (Uuid::new_v4(), CancellationToken::new());
        let activity = Activity {
            requests_in_progress: 0,
            has_had_request: false,
            idle_since: Instant::now(),
            must_close: must_close.clone(),
        };
        self.open().insert(id, activity);
        Connection { id, must_close, all: self.clone(), _permit: permit }
    }

    /// Closes the longest idle connection, if there is one. A connection without a request so far
    /// is idle after `first_request_grace`.
    pub(super) fn close_idlest(&self, first_request_grace: Duration) {
        let open = self.open();
        let idle = open.values().filter(|one| {
            let grace = if one.has_had_request { KEEPALIVE_GRACE } else { first_request_grace };
            let is_idle = one.requests_in_progress == 0 && one.idle_since.elapsed() >= grace;
            is_idle && !one.must_close.is_cancelled()
        });
        if let Some(idlest) = idle.min_by_key(|one| one.idle_since) {
            idlest.must_close.cancel();
        }
    }

    /// Waits until no connection is open, at most for `timeout`.
    pub(super) async fn closed(&self, timeout: Duration) {
        let all = async {
            while !self.open().is_empty() {
                tokio::time::sleep(CHECK_INTERVAL).await;
            }
        };
        let _ = tokio::time::timeout(timeout, all).await;
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Uuid, Activity>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Begins a request.
    pub(super) fn begin_request(&self) -> RequestInProgress {
        if let Some(activity) = self.all.open().get_mut(&self.id) {
            activity.requests_in_progress += 1;
            activity.has_had_request = true;
        }
        RequestInProgress { id: self.id, all: self.all.clone() }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.open().remove(&self.id);
    }
}

impl Drop for RequestInProgress {
    fn drop(&mut self) {
        if let Some(activity) = self.all.open().get_mut(&self.id) {
            activity.requests_in_progress -= 1;
            activity.idle_since = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_REQUEST_GRACE: Duration = Duration::from_secs(1);

    impl Connection {
        /// Moves the connection into the past.
        fn idle_for(&self, time: Duration) {
            let mut open = self.all.open();
            open.get_mut(&self.id).unwrap().idle_since = Instant::now().checked_sub(time).unwrap();
        }
    }

    #[tokio::test]
    async fn a_new_connection_replaces_the_longest_idle_one() {
        let all = Connections::new(3);
        let (first, second, third) = (all.admit().await, all.admit().await, all.admit().await);
        let _in_progress = first.begin_request();
        third.idle_for(3 * KEEPALIVE_GRACE);
        second.idle_for(2 * KEEPALIVE_GRACE);

        let newcomer = all.clone();
        let newcomer = tokio::task::JoinSet::from_iter([async move { newcomer.admit().await }]);
        third.must_close.cancelled().await;
        drop(third);

        assert_eq!(newcomer.join_all().await.len(), 1);
        assert!(!first.must_close.is_cancelled() && !second.must_close.is_cancelled());
    }

    #[tokio::test]
    async fn a_connection_with_a_request_in_progress_is_not_closed() {
        let all = Connections::new(1);
        let only = all.admit().await;
        only.idle_for(KEEPALIVE_GRACE);
        let in_progress = only.begin_request();
        all.close_idlest(FIRST_REQUEST_GRACE);
        assert!(!only.must_close.is_cancelled());
        drop(in_progress);
        only.idle_for(KEEPALIVE_GRACE);
        all.close_idlest(FIRST_REQUEST_GRACE);
        assert!(only.must_close.is_cancelled());
    }

    #[tokio::test]
    async fn a_new_connection_and_one_just_answered_are_not_idle() {
        let all = Connections::new(2);
        let (new, answered) = (all.admit().await, all.admit().await);
        answered.idle_for(KEEPALIVE_GRACE);
        drop(answered.begin_request());
        all.close_idlest(FIRST_REQUEST_GRACE);
        assert!(!new.must_close.is_cancelled() && !answered.must_close.is_cancelled());
    }
}
