//! The streams of HTTP/2 connections, each of which can be reset on its own.

use hyper::rt::Executor;
use hyper_util::rt::TokioExecutor;
use tokio_util::sync::CancellationToken;

tokio::task_local! {
    /// Cancelled to reset the stream of the current task.
    static RESET: CancellationToken;
}

/// Runs each stream in a task.
#[derive(Debug, Clone, Copy)]
pub(super) struct Streams;

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        let reset = CancellationToken::new();
        let until_reset = reset.clone();
        // A stream that is dropped before its end is reset.
        let stream = async move { _ = until_reset.run_until_cancelled(stream).await };
        TokioExecutor::new().execute(RESET.scope(reset, stream));
    }
}

/// Resets the stream of the current task when it is cancelled. None over HTTP/1.
pub(super) fn reset() -> Option<CancellationToken> {
    RESET.try_with(Clone::clone).ok()
}
