//! The connections that are open, and which of them to close when there are too many.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// For so long whoever has been answered is not idle: the answer may be on its way.
const KEEPALIVE_GRACE: Duration = Duration::from_secs(1);
/// How often it is looked again whether what is waited for has come.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The connections that are open.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    places: Arc<Semaphore>,
    open: Arc<Mutex<HashMap<Uuid, State>>>,
}

#[derive(Debug)]
struct State {
    /// Requests under way.
    at_work: usize,
    /// Whether it has had a request yet.
    has_asked: bool,
    /// When it was opened, or last had a request under way.
    idle_since: Instant,
    must_close: CancellationToken,
}

/// An open connection; its place is free when it is dropped.
#[derive(Debug)]
pub(super) struct Connection {
    id: Uuid,
    must_close: CancellationToken,
    all: Connections,
    _place: Option<OwnedSemaphorePermit>,
}

/// A request under way; while there is one, the connection is not idle.
pub(super) struct Work {
    id: Uuid,
    all: Connections,
}

impl Connections {
    /// Nothing is open; so many may be.
    pub(super) fn new(most: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(most)), open: Arc::default() }
    }

    /// A place for a newcomer: a free one, or that of the connection that has been idle longest.
    /// If all are at work, it waits.
    pub(super) async fn admit(&self) -> Connection {
        let mut place = Arc::clone(&self.places).try_acquire_owned().ok();
        while place.is_none() && !self.places.is_closed() {
            self.close_idlest(Duration::ZERO);
            let free = Arc::clone(&self.places).acquire_owned();
            place = tokio::time::timeout(LOOK_AGAIN, free).await.ok().and_then(Result::ok);
        }
        let (id, must_close) = (Uuid::new_v4(), CancellationToken::new());
        let idle_since = Instant::now();
        let state =
            State { at_work: 0, has_asked: false, idle_since, must_close: must_close.clone() };
        self.open().insert(id, state);
        Connection { id, must_close, all: self.clone(), _place: place }
    }

    /// Closes the connection that has been idle longest, if any is. Whoever has not asked yet is
    /// idle when he has been silent for longer than this.
    pub(super) fn close_idlest(&self, first_request_grace: Duration) {
        let open = self.open();
        let idle = open.values().filter(|one| {
            let patience = if one.has_asked { KEEPALIVE_GRACE } else { first_request_grace };
            let is_idle = one.at_work == 0 && one.idle_since.elapsed() >= patience;
            is_idle && !one.must_close.is_cancelled()
        });
        if let Some(idlest) = idle.min_by_key(|one| one.idle_since) {
            idlest.must_close.cancel();
        }
    }

    /// Waits until no connection is open, but not for longer than this.
    pub(super) async fn all_have_left(&self, at_most: Duration) {
        let all = async {
            while !self.open().is_empty() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        let _ = tokio::time::timeout(at_most, all).await;
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Uuid, State>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Notes that a request is under way, until what it returns is dropped.
    pub(super) fn work(&self) -> Work {
        if let Some(state) = self.all.open().get_mut(&self.id) {
            state.at_work += 1;
            state.has_asked = true;
        }
        Work { id: self.id, all: self.all.clone() }
    }

    /// Waits until its place is needed by another one.
    pub(super) async fn must_close(&self) {
        self.must_close.cancelled().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.open().remove(&self.id);
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(state) = self.all.open().get_mut(&self.id) {
            state.at_work = state.at_work.saturating_sub(1);
            state.idle_since = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_REQUEST_GRACE: Duration = Duration::from_secs(1);

    impl Connection {
        fn idle_for(&self, time: Duration) {
            let mut open = self.all.open();
            open.get_mut(&self.id).unwrap().idle_since = Instant::now().checked_sub(time).unwrap();
        }
    }

    #[tokio::test]
    async fn a_newcomer_gets_the_place_of_whoever_has_been_idle_longest() {
        let all = Connections::new(3);
        let (first, second, third) = (all.admit().await, all.admit().await, all.admit().await);
        let _work = first.work();
        // As if they had come long ago.
        third.idle_for(3 * KEEPALIVE_GRACE);
        second.idle_for(2 * KEEPALIVE_GRACE);

        let newcomer = all.clone();
        let newcomer = tokio::task::JoinSet::from_iter([async move { newcomer.admit().await }]);
        third.must_close().await;
        drop(third);

        assert_eq!(newcomer.join_all().await.len(), 1);
        assert!(!first.must_close.is_cancelled() && !second.must_close.is_cancelled());
    }

    #[tokio::test]
    async fn who_is_at_work_is_never_closed() {
        let all = Connections::new(1);
        let only = all.admit().await;
        only.idle_for(KEEPALIVE_GRACE);
        let work = only.work();
        all.close_idlest(FIRST_REQUEST_GRACE);
        assert!(!only.must_close.is_cancelled());
        drop(work);
        only.idle_for(KEEPALIVE_GRACE);
        all.close_idlest(FIRST_REQUEST_GRACE);
        assert!(only.must_close.is_cancelled());
    }

    #[tokio::test]
    async fn who_has_just_come_or_just_been_answered_is_not_idle_yet() {
        let all = Connections::new(2);
        let (newcomer, answered) = (all.admit().await, all.admit().await);
        answered.idle_for(KEEPALIVE_GRACE);
        drop(answered.work());
        all.close_idlest(FIRST_REQUEST_GRACE);
        assert!(!newcomer.must_close.is_cancelled() && !answered.must_close.is_cancelled());
    }
}
