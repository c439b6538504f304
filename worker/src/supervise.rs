//! Keeps the parts of a worker running.

use std::time::Duration;

use keyward_core::infra::retry::RetryDelays;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A part that ran for longer has recovered from its last failure.
const RECOVERED_AFTER: Duration = Duration::from_secs(10);

/// Calls `run` until `stop` is cancelled. After a success, waits for the delay that `run` returned.
/// After a failure, logs the error and waits for the next of the [`RetryDelays`].
///
/// A call that has begun is not interrupted.
pub(crate) async fn supervise<F>(part: &str, stop: &CancellationToken, run: impl Fn() -> F)
where
    F: Future<Output = anyhow::Result<Duration>>,
{
    let mut delays = RetryDelays::default();
    while !stop.is_cancelled() {
        let began_at = Instant::now();
        let result = run().await;
        if result.is_ok() || began_at.elapsed() > RECOVERED_AFTER {
            delays = RetryDelays::default();
        }
        let delay = result.unwrap_or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), "{part} interrupted and will be retried");
            delays.next_delay()
        });
        stop.run_until_cancelled(tokio::time::sleep(delay)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn failures_are_retried_until_stopped() {
        let (stop, calls) = (CancellationToken::new(), AtomicUsize::new(0));

        supervise("part", &stop, async || match calls.fetch_add(1, Ordering::Relaxed) {
            0 => anyhow::bail!("a failure"),
            1 => Ok(Duration::from_secs(60)),
            _ => {
                stop.cancel();
                Ok(Duration::MAX)
            }
        })
        .await;

        assert_eq!(calls.load(Ordering::Relaxed), 3);
    }
}
