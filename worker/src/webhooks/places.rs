//! How many requests one endpoint may have under way.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use keyward_core::domain::WebhookId;
use tokio::sync::Notify;

/// Most requests to one endpoint at the same time, per process: half of what the queue runs.
const SHARE: usize = 32;
/// An endpoint that has not answered within this keeps others waiting: it gets one request at a
/// time until it answers sooner.
const SLOW: Duration = Duration::from_secs(5);
/// So long a request waits for a place of an endpoint that answers: at its pace one is free soon.
const BRIEFLY: Duration = Duration::from_millis(100);

/// Places of all endpoints, in this process: no endpoint, however silent, takes those of others.
/// An endpoint that answers has [`SHARE`] of them, one that does not has one. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Places(Arc<Mutex<HashMap<WebhookId, Arc<Endpoint>>>>);

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places").finish_non_exhaustive()
    }
}

/// The places of one endpoint.
struct Endpoint {
    counts: Mutex<Counts>,
    freed: Notify,
}

#[derive(Clone, Copy)]
struct Counts {
    taken: usize,
    most: usize,
}

/// A place; dropping it frees it.
pub(crate) struct Place {
    endpoint: Arc<Endpoint>,
    since: Instant,
}

impl Places {
    /// Takes a place; none if those before it take their time.
    pub(crate) async fn take(&self, id: WebhookId) -> Option<Place> {
        let endpoint = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody holds these, and they know nothing that a new one would not.
            all.retain(|_, one| Arc::strong_count(one) > 1 || one.is_slow());
            Arc::clone(all.entry(id).or_default())
        };
        tokio::time::timeout(BRIEFLY, endpoint.place()).await.ok().flatten()
    }
}

impl Endpoint {
    /// Waits for a place; not if it would take long.
    async fn place(self: Arc<Self>) -> Option<Place> {
        loop {
            let freed = self.freed.notified();
            if self.enter() {
                return Some(Place { since: Instant::now(), endpoint: Arc::clone(&self) });
            }
            if self.is_slow() {
                return None;
            }
            freed.await;
        }
    }

    fn enter(&self) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = counts.taken < counts.most;
        counts.taken += usize::from(is_free);
        is_free
    }

    fn leave(&self, was_slow: bool) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.taken -= 1;
        counts.most = if was_slow { 1 } else { (counts.most * 2).min(SHARE) };
        drop(counts);
        self.freed.notify_one();
    }

    fn is_slow(&self) -> bool {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).most < SHARE
    }
}

impl Default for Endpoint {
    fn default() -> Self {
        Self { counts: Mutex::new(Counts { taken: 0, most: SHARE }), freed: Notify::new() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.endpoint.leave(self.since.elapsed() >= SLOW);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ends a request as if it had taken so long.
    fn end(mut place: Place, took: Duration) {
        place.since = Instant::now().checked_sub(took).unwrap();
    }

    async fn take_all(places: &Places, id: WebhookId) -> Vec<Place> {
        let mut taken = Vec::new();
        while let Some(place) = places.take(id).await {
            taken.push(place);
        }
        taken
    }

    #[tokio::test]
    async fn an_endpoint_has_its_share_and_takes_none_of_the_others() {
        let (places, id) = (Places::default(), WebhookId::new());

        let mut taken = take_all(&places, id).await;

        assert_eq!(taken.len(), SHARE);
        assert!(places.take(WebhookId::new()).await.is_some());
        taken.pop();
        assert!(places.take(id).await.is_some());
    }

    #[tokio::test]
    async fn whoever_waits_gets_the_place_that_is_freed() {
        let (places, id) = (Places::default(), WebhookId::new());
        let mut taken = take_all(&places, id).await;
        let endpoint = Arc::clone(&taken[0].endpoint);

        let (place, ()) = tokio::join!(endpoint.place(), async { drop(taken.pop()) });

        assert!(place.is_some());
    }

    #[tokio::test]
    async fn an_endpoint_that_was_slow_gets_one_at_a_time_until_it_is_quick_again() {
        let (places, id) = (Places::default(), WebhookId::new());
        for place in take_all(&places, id).await {
            end(place, SLOW);
        }

        // Each quick answer doubles what it may have: one, then two, then eight.
        for most in [1, 2, 8, SHARE] {
            assert_eq!(take_all(&places, id).await.len(), most);
        }
    }

    #[tokio::test]
    async fn endpoints_that_nobody_asks_are_forgotten() {
        let places = Places::default();
        for _ in 0..3 {
            drop(places.take(WebhookId::new()).await);
        }
        assert_eq!(places.0.lock().unwrap().len(), 1);
    }
}
