//! The open connections, and which one to close when there are too many.

use std::{collections::HashMap, sync::Arc, time::Duration};

use keyward_core::origin::Network;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::activity::{Activity, FIRST_REQUEST_GRACE, Open, RequestInProgress};

/// How often to check whether a connection has closed.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// How often to look for clients that make no progress.
const WATCH_INTERVAL: Duration = Duration::from_millis(500);

/// The open connections.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    permits: Arc<Semaphore>,
    max_per_network: usize,
    open: Open,
}

/// An open connection. Releases its permit when dropped.
#[derive(Debug)]
pub(super) struct Connection {
    id: Uuid,
    /// Cancelled when this connection must be closed.
    pub(super) must_close: CancellationToken,
    all: Connections,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Connections {
    /// Allows at most `max` open connections, and `max_per_network` of one client network.
    pub(super) fn new(max: usize, max_per_network: usize) -> Self {
        let permits = Arc::new(Semaphore::new(max));
        Self { permits, max_per_network, open: Open::default() }
    }

    /// Admits a new connection of a client network; none stands for a trusted proxy.
    ///
    /// If the network has its share already, the connection replaces its longest idle one, or is
    /// refused. If all permits are taken, it replaces the longest idle connection, or else one of the
    /// network with the most connections, or else an idle one of its own network. If there is none, it is
    /// refused; a trusted proxy waits.
    pub(super) async fn admit(&self, network: Option<Network>) -> Option<Connection> {
        let of_network = |one: &Activity| network.is_some() && one.network == network;
        if self.count(of_network) >= self.max_per_network
            && !self.close_oldest(|one| of_network(one) && one.is_idle(Duration::ZERO))
        {
            return None;
        }
        let mut permit = Arc::clone(&self.permits).try_acquire_owned().ok();
        while permit.is_none() && !self.permits.is_closed() {
            if !self.make_room(network) && network.is_some() {
                return None;
            }
            let free = Arc::clone(&self.permits).acquire_owned();
            permit = tokio::time::timeout(CHECK_INTERVAL, free).await.ok().and_then(Result::ok);
        }
        let (id, must_close) = (Uuid::new_v4(), CancellationToken::new());
        self.open.lock().insert(id, Activity::new(network, must_close.clone()));
        Some(Connection { id, must_close, all: self.clone(), _permit: permit })
    }

    /// Closes a connection in favour of one from a network. Returns whether there is one to close.
    fn make_room(&self, newcomer: Option<Network>) -> bool {
        let is_idle = |one: &Activity| one.is_idle(Duration::ZERO);
        let largest = || {
            let mut sizes: HashMap<Network, usize> = HashMap::new();
            for network in staying(&self.open.lock()).filter_map(|one| one.network) {
                *sizes.entry(network).or_default() += 1;
            }
            let own = newcomer.and_then(|own| sizes.get(&own)).copied().unwrap_or(0);
            let largest = sizes.into_iter().max_by_key(|(_, size)| *size);
            // A share that is larger by one would only change hands.
            largest.filter(|(_, size)| *size > own + 1).map(|(network, _)| network)
        };
        self.close_idlest(FIRST_REQUEST_GRACE)
            || largest().is_some_and(|largest| {
                let is_of_it = |one: &Activity| one.network == Some(largest);
                self.close_oldest(|one| is_of_it(one) && is_idle(one))
                    || self.close_oldest(is_of_it)
            })
            || self.close_oldest(|one| one.network == newcomer && is_idle(one))
    }

    /// Closes the longest idle connection. Returns whether there is one.
    pub(super) fn close_idlest(&self, first_request_grace: Duration) -> bool {
        self.close_oldest(|one| one.is_idle(first_request_grace))
    }

    /// Closes idle connections, and ends requests whose client does not read, until this is dropped.
    pub(super) async fn watch(self, timeout: Duration) {
        loop {
            tokio::time::sleep(WATCH_INTERVAL).await;
            self.open.lock().values().for_each(|one| one.end_stalled(timeout));
        }
    }

    /// Waits until no connection is open, at most for `timeout`.
    pub(super) async fn closed(&self, timeout: Duration) {
        let all = async {
            while !self.open.lock().is_empty() {
                tokio::time::sleep(CHECK_INTERVAL).await;
            }
        };
        let _ = tokio::time::timeout(timeout, all).await;
    }

    fn count(&self, which: impl Fn(&Activity) -> bool) -> usize {
        staying(&self.open.lock()).filter(|one| which(one)).count()
    }

    /// Closes the one of these connections that has been idle or at work longest. Returns whether there
    /// is one.
    fn close_oldest(&self, which: impl Fn(&Activity) -> bool) -> bool {
        let open = self.open.lock();
        let oldest = staying(&open).filter(|one| which(one)).min_by_key(|one| one.idle_since);
        oldest.inspect(|one| one.must_close.cancel()).is_some()
    }
}

/// The connections that are not about to be closed.
fn staying(open: &HashMap<Uuid, Activity>) -> impl Iterator<Item = &Activity> {
    open.values().filter(|one| !one.must_close.is_cancelled())
}

impl Connection {
    /// Begins a request.
    pub(super) fn begin_request(&self) -> RequestInProgress {
        RequestInProgress::begin(&self.all.open, self.id)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.open.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use keyward_core::origin::network_of;

    use super::{super::activity::KEEPALIVE_GRACE, *};

    impl Connections {
        /// Admits a connection of the `nth` network.
        async fn open_from(&self, nth: u8) -> Connection {
            self.admit(network_of([192, 0, 2, nth].into())).await.unwrap()
        }
    }

    impl Connection {
        /// Moves the connection into the past.
        fn idle_for(&self, time: Duration) {
            let mut open = self.all.open.lock();
            open.get_mut(&self.id).unwrap().idle_since = Instant::now().checked_sub(time).unwrap();
        }
    }

    #[tokio::test]
    async fn a_new_connection_replaces_the_longest_idle_one() {
        let all = Connections::new(3, 3);
        let (first, second, third) =
            (all.open_from(1).await, all.open_from(1).await, all.open_from(1).await);
        let _in_progress = first.begin_request();
        third.idle_for(3 * KEEPALIVE_GRACE);
        second.idle_for(2 * KEEPALIVE_GRACE);

        let newcomer = all.clone();
        let newcomer =
            tokio::task::JoinSet::from_iter([async move { newcomer.open_from(2).await }]);
        third.must_close.cancelled().await;
        drop(third);

        assert_eq!(newcomer.join_all().await.len(), 1);
        assert!(!first.must_close.is_cancelled() && !second.must_close.is_cancelled());
    }

    #[tokio::test]
    async fn a_connection_with_a_request_in_progress_is_not_closed() {
        let all = Connections::new(1, 1);
        let only = all.open_from(1).await;
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
        let all = Connections::new(2, 2);
        let (new, answered) = (all.open_from(1).await, all.open_from(1).await);
        answered.idle_for(KEEPALIVE_GRACE);
        drop(answered.begin_request());
        all.close_idlest(FIRST_REQUEST_GRACE);
        assert!(!new.must_close.is_cancelled() && !answered.must_close.is_cancelled());
    }

    #[tokio::test]
    async fn a_network_keeps_its_share_and_no_more() {
        let all = Connections::new(9, 2);
        let network = network_of([192, 0, 2, 1].into());
        let (first, second) = (all.open_from(1).await, all.open_from(1).await);
        let (_in_progress, in_progress) = (first.begin_request(), second.begin_request());

        assert!(all.admit(network).await.is_none(), "both are at work");
        drop(in_progress);
        second.idle_for(KEEPALIVE_GRACE);
        assert!(all.admit(network).await.is_some(), "one is idle and is replaced");
        assert!(second.must_close.is_cancelled() && !first.must_close.is_cancelled());
        assert!(all.admit(None).await.is_some() && all.admit(None).await.is_some());
        assert!(all.admit(None).await.is_some(), "a trusted proxy has no share");
    }

    #[tokio::test]
    async fn without_an_idle_connection_the_largest_network_makes_room() {
        let all = Connections::new(3, 3);
        let (one, two, other) =
            (all.open_from(1).await, all.open_from(1).await, all.open_from(2).await);
        let _in_progress = [one.begin_request(), two.begin_request(), other.begin_request()];

        assert!(!all.make_room(network_of([192, 0, 2, 2].into())));
        assert!(!one.must_close.is_cancelled(), "its share is as large");
        assert!(all.make_room(network_of([192, 0, 2, 3].into())));
        assert!(one.must_close.is_cancelled());
        assert!(!two.must_close.is_cancelled() && !other.must_close.is_cancelled());
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_is_disconnected() {
        let all = Connections::new(1, 1);
        let only = all.open_from(1).await;
        let request = only.begin_request();
        request.resets_with(Some(CancellationToken::new()));
        let is_closed = || {
            all.open.lock()[&only.id].end_stalled(Duration::ZERO);
            only.must_close.is_cancelled()
        };

        assert!(!is_closed(), "the client waits for the response");
        request.waits_for_client(true);
        request.waits_for_client(false);
        assert!(!is_closed());
        request.waits_for_client(true);
        assert!(is_closed());
    }

    #[tokio::test]
    async fn a_stream_of_a_trusted_proxy_is_reset_alone() {
        let all = Connections::new(1, 1);
        let proxy = all.admit(None).await.unwrap();
        let (request, reset) = (proxy.begin_request(), CancellationToken::new());
        request.resets_with(Some(reset.clone()));
        request.waits_for_client(true);

        all.open.lock()[&proxy.id].end_stalled(Duration::ZERO);

        assert!(reset.is_cancelled() && !proxy.must_close.is_cancelled());
    }
}
