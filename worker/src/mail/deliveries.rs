//! Deliveries in progress.

use std::{
    collections::HashSet,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use keyward_core::domain::MailId;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// Deliveries in progress. Each runs to its end even if the job that began it is cut off, because it
/// timed out or Postgres failed: otherwise an acceptance that was heard could be forgotten, and the email
/// sent again. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deliveries {
    tasks: TaskTracker,
    emails: Arc<Mutex<HashSet<MailId>>>,
}

impl Deliveries {
    /// Runs a delivery. Returns `None` if this process already delivers the same email.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        email: MailId,
        delivery: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let entry = Entry::new(self, email)?;
        let delivery = async move {
            let result = delivery.await;
            drop(entry);
            result
        };
        Some(Continued { future: Some(Box::pin(delivery)), tasks: self.tasks.clone() }.await)
    }
}

/// A future that goes on in a task of its own if it is dropped before its end.
struct Continued<T: Send + 'static> {
    /// `None` after its end, or if it has panicked.
    future: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    tasks: TaskTracker,
}

impl<T: Send + 'static> Future for Continued<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = self.get_mut();
        let Some(mut future) = this.future.take() else { return Poll::Pending };
        let polled = future.as_mut().poll(cx);
        if polled.is_pending() {
            this.future = Some(future);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Continued<T> {
    fn drop(&mut self) {
        if let (Some(future), Ok(runtime)) = (self.future.take(), Handle::try_current()) {
            self.tasks.spawn_on(future, &runtime);
        }
    }
}

/// An email that is being delivered, until it is dropped.
struct Entry(Deliveries, MailId);

impl Entry {
    fn new(deliveries: &Deliveries, email: MailId) -> Option<Self> {
        let mut emails = deliveries.emails.lock().unwrap_or_else(PoisonError::into_inner);
        emails.insert(email).then(|| Self(deliveries.clone(), email))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.0.emails.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{sync::oneshot, time::timeout};

    use super::*;

    #[tokio::test]
    async fn delivery_goes_on_without_its_job_and_happens_once_at_a_time() {
        let (deliveries, email) = (Deliveries::default(), MailId::new());
        let (accept, accepted) = oneshot::channel::<()>();
        let (record, recorded) = oneshot::channel();
        let delivery = async {
            let _ = accepted.await;
            let _ = record.send("recorded");
        };

        let job = timeout(Duration::ZERO, deliveries.run(email, delivery));
        assert!(job.await.is_err(), "the job is cut off");

        assert_eq!(deliveries.run(email, async { 1 }).await, None, "still in progress");
        assert_eq!(deliveries.run(MailId::new(), async { 2 }).await, Some(2));
        accept.send(()).unwrap();
        assert_eq!(recorded.await, Ok("recorded"));
        deliveries.tasks.close();
        deliveries.tasks.wait().await;
        assert_eq!(deliveries.run(email, async { 3 }).await, Some(3));
    }
}
