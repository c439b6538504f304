//! Merges concurrent reads of one key.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hash},
    time::Instant,
};

use tokio::sync::Mutex;

/// Lets readers of a key share a read that *began after they asked*. An older read could return a state
/// from before the question.
#[derive(Debug)]
pub(crate) struct SingleFlight<K, V> {
    lanes: Vec<Mutex<Option<Flight<K, V>>>>,
    hasher: RandomState,
}

#[derive(Debug)]
struct Flight<K, V> {
    key: K,
    began_at: Instant,
    value: V,
}

impl<K: Hash + Eq, V: Clone> SingleFlight<K, V> {
    /// Makes it with one lane per concurrent read. Keys that share a lane wait for each other.
    pub(crate) fn new(lanes: usize) -> Self {
        let lanes = (0..lanes.max(1)).map(|_| Mutex::new(None)).collect();
        Self { lanes, hasher: RandomState::new() }
    }

    /// The value of `key`, from `read` or from another reader's read that began after this call.
    ///
    /// # Errors
    ///
    /// The error of `read`. Errors are not shared.
    pub(crate) async fn get<E>(
        &self,
        key: K,
        read: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let asked_at = Instant::now();
        let lane =
            usize::try_from(self.hasher.hash_one(&key)).unwrap_or_default() % self.lanes.len();
        let mut lane = self.lanes[lane].lock().await;
        if let Some(flight) = &*lane
            && flight.key == key
            && flight.began_at > asked_at
        {
            return Ok(flight.value.clone());
        }
        let began_at = Instant::now();
        let value = read().await?;
        *lane = Some(Flight { key, began_at, value: value.clone() });
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use tokio::sync::{Notify, Semaphore};

    use super::*;

    #[tokio::test]
    async fn waiting_readers_share_a_read_but_never_an_older_one() {
        let flights = Arc::new(SingleFlight::<u8, usize>::new(1));
        let reads = Arc::new(AtomicUsize::new(0));
        let (first_began, gate) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
        let reader = || {
            let (flights, reads) = (Arc::clone(&flights), Arc::clone(&reads));
            let (began, gate) = (Arc::clone(&first_began), Arc::clone(&gate));
            async move {
                let read = async || {
                    let nth = reads.fetch_add(1, Ordering::SeqCst) + 1;
                    began.notify_one();
                    gate.acquire().await.map(drop).map(|()| nth)
                };
                flights.get(7, read).await.unwrap()
            }
        };
        let mut first = tokio::task::JoinSet::new();
        first.spawn(reader());
        first_began.notified().await;
        let mut late = tokio::task::JoinSet::new();
        for _ in 0..10 {
            late.spawn(reader());
        }
        tokio::task::yield_now().await;
        gate.add_permits(100);

        assert_eq!(first.join_all().await, [1]);
        let late = late.join_all().await;
        assert!(late.iter().all(|nth| *nth >= 2), "{late:?}: joined an older read");
        assert!(reads.load(Ordering::SeqCst) < 11, "no read was shared");
    }
}
