//! Pauses of queues and of kinds of jobs, which the [`Poller`](super::poller::Poller) reads.

use std::{collections::HashSet, sync::Arc};

use tokio::sync::watch;

/// Names of queues and kinds.
pub(super) type Names = HashSet<String>;

/// The paused queues and kinds. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct PauseWatch(watch::Receiver<Option<Arc<Names>>>);

impl PauseWatch {
    /// Also returns where the pauses are written. They are unknown at first.
    pub(super) fn new() -> (watch::Sender<Option<Arc<Names>>>, Self) {
        let (sender, receiver) = watch::channel(None);
        (sender, Self(receiver))
    }

    /// Waits until the queue is known not to be paused.
    pub(super) async fn is_open(&self, queue: &str) {
        self.wait_for(|paused| paused.is_some_and(|paused| !paused.contains(queue))).await;
    }

    /// Waits until the queue is paused.
    pub(super) async fn is_paused(&self, queue: &str) {
        self.wait_for(|paused| paused.is_some_and(|paused| paused.contains(queue))).await;
    }

    /// Whether a queue or kind of this name is paused.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.borrow().as_ref().is_some_and(|paused| paused.contains(name))
    }

    async fn wait_for(&self, condition: impl Fn(Option<&Names>) -> bool) {
        // An error means that the task has ended with the process: nothing changes any more.
        if self.0.clone().wait_for(|paused| condition(paused.as_deref())).await.is_err() {
            std::future::pending().await
        }
    }
}
