//! When a queue is looked at.

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

/// How soon after a notice a queue is looked at once more.
const MIN_INTERVAL: Duration = Duration::from_millis(8);
/// How often a queue is looked at without a notice: finds retries that have come due.
pub(super) const POLL: Duration = Duration::from_secs(1);

/// At once when jobs have come in; then after pauses that grow fourfold, up to [`POLL`].
///
/// A notice that comes while apalis is fetching begins no other fetch, and what is being fetched may
/// not know the new job yet; apalis' own strategies forget such a notice, and the job waits for the
/// next interval. The look that follows soon finds it.
pub(super) struct AdaptivePoll {
    notices: WatchStream<()>,
    pause: Duration,
    next: Pin<Box<Sleep>>,
}

impl AdaptivePoll {
    pub(super) fn new(notices: watch::Receiver<()>) -> Self {
        Self {
            notices: WatchStream::new(notices),
            pause: MIN_INTERVAL,
            next: Box::pin(sleep(MIN_INTERVAL)),
        }
    }

    fn look_again_after(&mut self, pause: Duration) {
        self.pause = pause;
        self.next.as_mut().reset(Instant::now() + pause);
    }
}

impl PollStrategy for AdaptivePoll {
    /// Asks both until they have nothing: only then do they wake whoever asks.
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut is_due = false;
        while let Poll::Ready(Some(())) = self.notices.poll_next_unpin(cx) {
            self.look_again_after(MIN_INTERVAL);
            is_due = true;
        }
        while self.next.as_mut().poll(cx).is_ready() {
            self.look_again_after((self.pause * 4).min(POLL));
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

    async fn next_after(looks: &mut AdaptivePoll) -> u128 {
        let asked_at = Instant::now();
        poll_fn(|cx| looks.poll_drive(cx, &PollSnapshot::new())).await;
        asked_at.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn a_notice_is_followed_by_looks_that_become_rarer() {
        let (notices, receiver) = watch::channel(());
        let mut looks = AdaptivePoll::new(receiver);
        for _ in 0..2 {
            let mut pauses = Vec::new();
            for _ in 0..7 {
                pauses.push(next_after(&mut looks).await);
            }
            assert_eq!(pauses, [0, 8, 32, 128, 512, 1000, 1000]);
            notices.send_replace(());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_was_told_to_look_is_woken_by_the_next_notice() {
        #[derive(Default)]
        struct IsWoken(AtomicBool);
        impl Wake for IsWoken {
            fn wake(self: Arc<Self>) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let (notices, receiver) = watch::channel(());
        let mut looks = AdaptivePoll::new(receiver);
        let is_woken = Arc::new(IsWoken::default());
        let waker = Waker::from(is_woken.clone());
        let asked = looks.poll_drive(&mut Context::from_waker(&waker), &PollSnapshot::new());
        assert!(asked.is_ready());
        assert!(!is_woken.0.load(Ordering::Relaxed));
        notices.send_replace(());
        assert!(is_woken.0.load(Ordering::Relaxed));
    }
}
