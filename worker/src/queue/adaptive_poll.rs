//! When a queue is polled.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use apalis::prelude::{PollSnapshot, PollStrategy};
use futures_util::StreamExt as _;
use tokio::{
    sync::watch,
    time::{Instant, Sleep, sleep},
};
use tokio_stream::wrappers::WatchStream;

/// How soon after a notification a queue is polled a second time.
const MIN_INTERVAL: Duration = Duration::from_millis(8);
/// The longest interval while jobs may be running: apalis stores their results when it polls.
const MAX_INTERVAL: Duration = Duration::from_secs(1);
/// The interval of an idle queue. The poller wakes it when it has due jobs.
const IDLE_INTERVAL: Duration = Duration::from_secs(3_600);

/// Polls at once after a notification, then at intervals that grow fourfold up to [`MAX_INTERVAL`], and
/// hardly ever when the jobs that a notification announced must have ended.
///
/// apalis ignores a notification that arrives while it is fetching, and the running fetch may miss
/// the new job. With apalis' own strategies such a job waits for the next interval; here the second
/// poll finds it.
pub(super) struct AdaptivePoll {
    notifications: WatchStream<()>,
    interval: Duration,
    /// How long a job may run after a notification.
    job_timeout: Duration,
    /// When the jobs of the last notification must have ended.
    idle_from: Instant,
    next: Pin<Box<Sleep>>,
}

impl AdaptivePoll {
    pub(super) fn new(notifications: watch::Receiver<()>, job_timeout: Duration) -> Self {
        Self {
            notifications: WatchStream::new(notifications),
            interval: MIN_INTERVAL,
            job_timeout,
            idle_from: Instant::now() + job_timeout,
            next: Box::pin(sleep(MIN_INTERVAL)),
        }
    }

    fn poll_again_after(&mut self, interval: Duration) {
        self.interval = interval;
        self.next.as_mut().reset(Instant::now() + interval);
    }
}

impl PollStrategy for AdaptivePoll {
    /// Polls both sources until they are pending: only then do they wake the task.
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut is_due = false;
        while let Poll::Ready(Some(())) = self.notifications.poll_next_unpin(cx) {
            self.idle_from = Instant::now() + self.job_timeout;
            self.poll_again_after(MIN_INTERVAL);
            is_due = true;
        }
        while self.next.as_mut().poll(cx).is_ready() {
            let is_idle = Instant::now() > self.idle_from;
            let longer = (self.interval * 4).min(MAX_INTERVAL);
            self.poll_again_after(if is_idle { IDLE_INTERVAL } else { longer });
            is_due = true;
        }
        if is_due { Poll::Ready(Some(())) } else { Poll::Pending }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        task::{Wake, Waker},
    };

    use super::*;

    async fn next_after(strategy: &mut AdaptivePoll) -> u128 {
        let started_at = Instant::now();
        poll_fn(|cx| strategy.poll_drive(cx, &PollSnapshot::new())).await;
        started_at.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn polls_after_a_notification_become_rarer() {
        let (notifications, receiver) = watch::channel(());
        let mut strategy = AdaptivePoll::new(receiver, Duration::from_millis(2_500));
        for _ in 0..2 {
            let mut intervals = Vec::new();
            for _ in 0..8 {
                intervals.push(next_after(&mut strategy).await);
            }
            assert_eq!(intervals, [0, 8, 32, 128, 512, 1_000, 1_000, 3_600_000]);
            notifications.send_replace(());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn next_notification_wakes_the_task() {
        #[derive(Default)]
        struct IsWoken(AtomicBool);
        impl Wake for IsWoken {
            fn wake(self: Arc<Self>) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let (notifications, receiver) = watch::channel(());
        let mut strategy = AdaptivePoll::new(receiver, Duration::ZERO);
        let is_woken = Arc::new(IsWoken::default());
        let waker = Waker::from(is_woken.clone());
        let asked = strategy.poll_drive(&mut Context::from_waker(&waker), &PollSnapshot::new());
        assert!(asked.is_ready());
        assert!(!is_woken.0.load(Ordering::Relaxed));
        notifications.send_replace(());
        assert!(is_woken.0.load(Ordering::Relaxed));
    }
}
