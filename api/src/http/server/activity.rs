//! What a connection is doing, and whether it may be closed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use keyward_core::origin::Network;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A connection is not idle for this long after a response, which may still be in transit.
pub(super) const KEEPALIVE_GRACE: Duration = Duration::from_secs(1);
/// How long an open connection may wait with its first request: after a stop, and when there is no room
/// for another one.
pub(super) const FIRST_REQUEST_GRACE: Duration = Duration::from_secs(1);

/// The open connections.
#[derive(Debug, Clone, Default)]
pub(super) struct Open(Arc<Mutex<HashMap<Uuid, Activity>>>);

impl Open {
    pub(super) fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Activity>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a connection is doing.
#[derive(Debug)]
pub(super) struct Activity {
    /// The network of the client; none for a trusted proxy, which has many clients.
    pub(super) network: Option<Network>,
    requests: HashMap<Uuid, Request>,
    has_had_request: bool,
    /// When the connection was opened or last completed a request.
    pub(super) idle_since: Instant,
    pub(super) must_close: CancellationToken,
}

/// A request in progress.
#[derive(Debug, Default)]
struct Request {
    /// Since when its response waits for the client to read.
    waits_since: Option<Instant>,
    /// Resets its HTTP/2 stream.
    reset: Option<CancellationToken>,
}

impl Activity {
    /// A connection without a request so far.
    pub(super) fn new(network: Option<Network>, must_close: CancellationToken) -> Self {
        let (requests, idle_since) = (HashMap::new(), Instant::now());
        Self { network, requests, has_had_request: false, idle_since, must_close }
    }

    /// Whether it can be closed without harm. A connection without a request so far is idle after
    /// `first_request_grace`.
    pub(super) fn is_idle(&self, first_request_grace: Duration) -> bool {
        let grace = if self.has_had_request { KEEPALIVE_GRACE } else { first_request_grace };
        self.requests.is_empty() && self.idle_since.elapsed() >= grace
    }

    /// Closes the connection if it has had no request in progress for this long. Ends the requests whose
    /// response the client has not read for this long: with the connection, or if it belongs to a trusted
    /// proxy and so to other clients, too, by a reset of the stream.
    pub(super) fn end_stalled(&self, timeout: Duration) {
        if self.requests.is_empty() && self.idle_since.elapsed() >= timeout {
            self.must_close.cancel();
        }
        let is_stalled = |request: &&Request| {
            request.waits_since.is_some_and(|since| since.elapsed() >= timeout)
        };
        for request in self.requests.values().filter(is_stalled) {
            let reset = request.reset.as_ref().filter(|_| self.network.is_none());
            reset.unwrap_or(&self.must_close).cancel();
        }
    }
}

/// A request in progress. Its connection is not idle until this is dropped.
pub(super) struct RequestInProgress {
    id: Uuid,
    connection: Uuid,
    open: Open,
}

impl RequestInProgress {
    /// Begins a request on a connection.
    pub(super) fn begin(open: &Open, connection: Uuid) -> Self {
        let id = Uuid::new_v4();
        if let Some(activity) = open.lock().get_mut(&connection) {
            activity.requests.insert(id, Request::default());
            activity.has_had_request = true;
        }
        Self { id, connection, open: open.clone() }
    }

    /// Notes that the response waits for the client to read from now on, or that it does not.
    pub(super) fn waits_for_client(&self, waits: bool) {
        self.update(|request| request.waits_since = waits.then(Instant::now));
    }

    /// Notes what resets its HTTP/2 stream.
    pub(super) fn resets_with(&self, reset: Option<CancellationToken>) {
        self.update(|request| request.reset = reset);
    }

    fn update(&self, update: impl FnOnce(&mut Request)) {
        if let Some(activity) = self.open.lock().get_mut(&self.connection) {
            activity.requests.get_mut(&self.id).map(update);
        }
    }
}

impl Drop for RequestInProgress {
    fn drop(&mut self) {
        if let Some(activity) = self.open.lock().get_mut(&self.connection) {
            activity.requests.remove(&self.id);
            activity.idle_since = Instant::now();
        }
    }
}
