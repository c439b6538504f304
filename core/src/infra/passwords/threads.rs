//! The threads that hash: one per core, always the same ones.
//!
//! Each keeps the memory that it hashes in (see [`super::compute`]), so it must not be whatever
//! thread is free at the moment: a flood of logins would leave dozens of them behind.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// A few threads; they end when this is dropped.
#[derive(Debug)]
pub(super) struct Threads(mpsc::Sender<Job>);

impl Threads {
    /// Starts so many.
    ///
    /// # Errors
    ///
    /// If the system has no threads to give.
    pub(super) fn start(count: usize) -> io::Result<Self> {
        let (sender, jobs) = mpsc::channel::<Job>();
        let jobs = Arc::new(Mutex::new(jobs));
        for nth in 0..count {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new().name(format!("hash-{nth}")).spawn(move || {
                let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(job) = next() {
                    // Whoever waits for it learns of a panic; the thread lives on.
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            })?;
        }
        Ok(Self(sender))
    }

    /// Runs a job on one of them; nothing if it panicked. Once handed over it is done to its end,
    /// also if nobody waits any more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (done, answer) = oneshot::channel();
        let job = move || drop(done.send(work()));
        self.0.send(Box::new(job)).ok()?;
        answer.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_its_job_and_no_thread() {
        let threads = Threads::start(1).unwrap();
        assert_eq!(threads.run(|| -> u8 { panic!("on purpose") }).await, None);
        assert_eq!(threads.run(|| 7).await, Some(7));
    }
}
