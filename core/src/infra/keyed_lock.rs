//! Lets one task at a time work on a key.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Mutex as Lock, OwnedMutexGuard};

/// The keys that tasks work on or wait for.
#[derive(Debug)]
pub(crate) struct Turns<K>(Arc<Mutex<HashMap<K, Lane>>>);

#[derive(Debug, Default)]
struct Lane {
    tasks: usize,
    lock: Arc<Lock<()>>,
}

/// A task that works on a key or waits for it. The next one follows when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn<K: Hash + Eq> {
    key: K,
    all: Arc<Mutex<HashMap<K, Lane>>>,
    guard: Option<OwnedMutexGuard<()>>,
}

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Hash + Eq + Copy> Turns<K> {
    /// Waits until no other task works on a key; `None` if that takes longer than `patience`.
    pub(crate) async fn take(&self, key: K, patience: Duration) -> Option<Turn<K>> {
        let lock = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let lane = all.entry(key).or_default();
            lane.tasks += 1;
            Arc::clone(&lane.lock)
        };
        let mut turn = Turn { key, all: Arc::clone(&self.0), guard: None };
        turn.guard = Some(tokio::time::timeout(patience, lock.lock_owned()).await.ok()?);
        Some(turn)
    }
}

impl<K: Hash + Eq> Drop for Turn<K> {
    fn drop(&mut self) {
        self.guard = None;
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = all.get_mut(&self.key) {
            lane.tasks -= 1;
            if lane.tasks == 0 {
                all.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn a_key_belongs_to_one_task_at_a_time() {
        let turns = Turns::default();
        let first = turns.take(1, SOON).await;
        assert!(first.is_some());
        assert!(turns.take(1, SOON).await.is_none(), "still taken");
        assert!(turns.take(2, SOON).await.is_some(), "another key is free");
        drop(first);
        assert!(turns.take(1, SOON).await.is_some());
        assert!(turns.0.lock().unwrap().is_empty(), "keys are forgotten");
    }

    #[tokio::test]
    async fn waiting_tasks_follow_one_another() {
        let turns = Arc::new(Turns::default());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let turns = Arc::clone(&turns);
            tasks.spawn(async move { turns.take((), Duration::from_secs(10)).await.is_some() });
        }
        assert!(tasks.join_all().await.into_iter().all(|had_a_turn| had_a_turn));
        assert!(turns.0.lock().unwrap().is_empty());
    }
}
