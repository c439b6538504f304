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
pub(crate) struct KeyedLock<K>(Arc<Mutex<HashMap<K, Entry>>>);

#[derive(Debug, Default)]
struct Entry {
    tasks: usize,
    lock: Arc<Lock<()>>,
}

/// A task that works on a key or waits for it. The next one follows when this is dropped.
#[derive(Debug)]
pub(crate) struct KeyedLockGuard<K: Hash + Eq> {
    key: K,
    all: Arc<Mutex<HashMap<K, Entry>>>,
    guard: Option<OwnedMutexGuard<()>>,
}

impl<K> Default for KeyedLock<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Hash + Eq + Copy> KeyedLock<K> {
    /// Waits until no other task works on a key; `None` if that takes longer than `timeout`.
    pub(crate) async fn lock(&self, key: K, timeout: Duration) -> Option<KeyedLockGuard<K>> {
        let lock = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = all.entry(key).or_default();
            entry.tasks += 1;
            Arc::clone(&entry.lock)
        };
        let mut guard = KeyedLockGuard { key, all: Arc::clone(&self.0), guard: None };
        guard.guard = Some(tokio::time::timeout(timeout, lock.lock_owned()).await.ok()?);
        Some(guard)
    }
}

impl<K: Hash + Eq> Drop for KeyedLockGuard<K> {
    fn drop(&mut self) {
        self.guard = None;
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = all.get_mut(&self.key) {
            entry.tasks -= 1;
            if entry.tasks == 0 {
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
        let locks = KeyedLock::default();
        let first = locks.lock(1, SOON).await;
        assert!(first.is_some());
        assert!(locks.lock(1, SOON).await.is_none(), "still taken");
        assert!(locks.lock(2, SOON).await.is_some(), "another key is free");
        drop(first);
        assert!(locks.lock(1, SOON).await.is_some());
        assert!(locks.0.lock().unwrap().is_empty(), "keys are forgotten");
    }

    #[tokio::test]
    async fn waiting_tasks_follow_one_another() {
        let locks = Arc::new(KeyedLock::default());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let locks = Arc::clone(&locks);
            tasks.spawn(async move { locks.lock((), Duration::from_secs(10)).await.is_some() });
        }
        assert!(tasks.join_all().await.into_iter().all(|was_locked| was_locked));
        assert!(locks.0.lock().unwrap().is_empty());
    }
}
