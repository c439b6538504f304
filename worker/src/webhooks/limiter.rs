//! Limits the concurrent requests to each endpoint.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use keyward_core::domain::WebhookId;
use tokio::sync::watch;

/// Maximum number of concurrent requests to one endpoint, per process: half the concurrency of the
/// queue.
const MAX_PERMITS: usize = 32;
/// An endpoint that answers later gets one request at a time until it answers sooner.
const SLOW: Duration = Duration::from_secs(5);
/// How long a request waits for a permit of an endpoint that answers in time.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(100);

/// The permits of all endpoints in this process, so that no slow endpoint takes the capacity of the
/// others. An endpoint that answers in time has [`MAX_PERMITS`], a slow one has one. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct EndpointLimiter(Arc<Mutex<HashMap<WebhookId, Endpoint>>>);

/// The permits of one endpoint; requests that wait for one watch them.
type Endpoint = Arc<watch::Sender<Permits>>;

#[derive(Debug, Clone, Copy)]
struct Permits {
    used: usize,
    limit: usize,
}

/// A permit for one request; dropping it releases it.
pub(crate) struct Permit {
    endpoint: Endpoint,
    since: Instant,
}

impl EndpointLimiter {
    /// Acquires a permit. `None` if the endpoint is slow, or no permit is released in
    /// [`ACQUIRE_TIMEOUT`].
    pub(crate) async fn acquire(&self, id: WebhookId) -> Option<Permit> {
        let endpoint = {
            let mut endpoints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Endpoints without requests are in the initial state unless they are slow.
            endpoints.retain(|_, one| Arc::strong_count(one) > 1 || one.borrow().is_slow());
            let unused = || Arc::new(watch::Sender::new(Permits::UNUSED));
            Arc::clone(endpoints.entry(id).or_insert_with(unused))
        };
        tokio::time::timeout(ACQUIRE_TIMEOUT, Permit::acquire(endpoint)).await.ok().flatten()
    }
}

impl Permits {
    const UNUSED: Self = Self { used: 0, limit: MAX_PERMITS };

    fn is_slow(self) -> bool {
        self.limit < MAX_PERMITS
    }

    /// Takes a permit, if one is free.
    fn take(&mut self) -> bool {
        let is_free = self.used < self.limit;
        self.used += usize::from(is_free);
        is_free
    }
}

impl Permit {
    /// Waits for a permit. `None` if the endpoint is slow.
    async fn acquire(endpoint: Endpoint) -> Option<Self> {
        let mut changes = endpoint.subscribe();
        loop {
            let is_slow = changes.borrow_and_update().is_slow();
            if endpoint.send_if_modified(Permits::take) {
                return Some(Self { endpoint, since: Instant::now() });
            }
            if is_slow {
                return None;
            }
            changes.changed().await.ok()?;
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let was_slow = self.since.elapsed() >= SLOW;
        self.endpoint.send_modify(|permits| {
            permits.used -= 1;
            permits.limit = if was_slow { 1 } else { (permits.limit * 2).min(MAX_PERMITS) };
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Releases a permit as if its request had taken that long.
    fn release(mut permit: Permit, took: Duration) {
        permit.since = Instant::now().checked_sub(took).unwrap();
    }

    async fn acquire_all(limiter: &EndpointLimiter, id: WebhookId) -> Vec<Permit> {
        let mut permits = Vec::new();
        while let Some(permit) = limiter.acquire(id).await {
            permits.push(permit);
        }
        permits
    }

    #[tokio::test]
    async fn each_endpoint_has_its_own_permits() {
        let (limiter, id) = (EndpointLimiter::default(), WebhookId::new());

        let mut permits = acquire_all(&limiter, id).await;

        assert_eq!(permits.len(), MAX_PERMITS);
        assert!(limiter.acquire(WebhookId::new()).await.is_some());
        permits.pop();
        assert!(limiter.acquire(id).await.is_some());
    }

    #[tokio::test]
    async fn waiting_request_gets_the_released_permit() {
        let (limiter, id) = (EndpointLimiter::default(), WebhookId::new());
        let mut permits = acquire_all(&limiter, id).await;

        let (permit, ()) = tokio::join!(limiter.acquire(id), async { drop(permits.pop()) });

        assert!(permit.is_some());
    }

    #[tokio::test]
    async fn slow_endpoint_gets_one_request_at_a_time() {
        let (limiter, id) = (EndpointLimiter::default(), WebhookId::new());
        for permit in acquire_all(&limiter, id).await {
            release(permit, SLOW);
        }

        // Each fast answer doubles the limit: one, then two, then eight.
        for limit in [1, 2, 8, MAX_PERMITS] {
            assert_eq!(acquire_all(&limiter, id).await.len(), limit);
        }
    }

    #[tokio::test]
    async fn idle_endpoints_are_forgotten() {
        let limiter = EndpointLimiter::default();
        for _ in 0..3 {
            drop(limiter.acquire(WebhookId::new()).await);
        }
        assert_eq!(limiter.0.lock().unwrap().len(), 1);
    }
}
