//! Deliveries in progress.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use keyward_core::domain::MailId;
use tokio::task::JoinError;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

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
    ) -> Option<Result<T, JoinError>> {
        let delivered = Entry::new(self, email)?;
        let delivery = async move {
            let result = delivery.await;
            drop(delivered);
            result
        };
        Some(self.tasks.spawn(delivery.in_current_span()).await)
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
    use tokio::sync::oneshot;

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

        let job = tokio::time::timeout(std::time::Duration::ZERO, deliveries.run(email, delivery));
        assert!(job.await.is_err(), "the job is cut off");

        assert!(deliveries.run(email, async {}).await.is_none(), "still in progress");
        assert!(deliveries.run(MailId::new(), async {}).await.is_some());
        accept.send(()).unwrap();
        assert_eq!(recorded.await, Ok("recorded"));
        deliveries.tasks.close();
        deliveries.tasks.wait().await;
        assert!(deliveries.run(email, async {}).await.is_some());
    }
}
