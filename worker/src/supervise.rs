//! Keeps the parts of a worker running.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// Longest delay after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Calls `run` until `stop` is cancelled. After a success, waits for the delay that `run` returned.
/// After a failure, logs the error and waits for [`RETRY_DELAY`] with jitter.
///
/// A call that has begun is not interrupted.
pub(crate) async fn supervise<F>(part: &str, stop: &CancellationToken, run: impl Fn() -> F)
where
    F: Future<Output = anyhow::Result<Duration>>,
{
    while !stop.is_cancelled() {
        let delay = run().await.unwrap_or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), "{part} interrupted and will be retried");
            RETRY_DELAY.mul_f64(1.0 - jitter() / 2.0)
        });
        stop.run_until_cancelled(tokio::time::sleep(delay)).await;
    }
}

/// A random number between 0 and 1.
pub(crate) fn jitter() -> f64 {
    f64::from(uuid::Uuid::new_v4().as_bytes()[0]) / 255.0
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
