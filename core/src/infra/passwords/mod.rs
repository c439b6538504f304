//! Password hashing: argon2id (RFC 9106) with the parameters of OWASP's Password Storage Cheat Sheet
//! or stronger (OWASP ASVS 5.0, 11.4.2; NIST SP 800-63B-4, section 3.1.1.2).
//!
//! A hash keeps a core busy for tens of milliseconds and takes 19 MiB. At most one per core runs at a
//! time and a bounded number waits; further requests are refused with
//! [`Refusal::Busy`], so the rest of the service stays fast.

mod compute;
mod stored;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use argon2::Params;
use tokio::sync::Semaphore;

use crate::{
    Refusal, Result,
    domain::Password,
    infra::metrics::{InProgress, Product},
    settings::Passwords,
};
use compute::Memory;
use stored::Stored;

/// A stored password hash in PHC string format. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub(crate) String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// Hashes and verifies passwords, one per core at a time. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hasher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    params: Params,
    /// One permit per core, held until the hash is finished, even if its caller is gone.
    cores: Arc<Semaphore>,
    /// One permit per caller that hashes or waits.
    queue: Arc<Semaphore>,
    /// Memory of hashes that are finished, at most one block per core.
    memory: Mutex<Vec<Memory>>,
    metrics: Product,
}

impl Hasher {
    /// `Retry-After` for a caller that finds the queue full.
    const RETRY_AFTER: Duration = Duration::from_secs(2);

    /// Makes a hasher.
    ///
    /// # Errors
    ///
    /// If argon2 refuses the parameters.
    pub(crate) fn new(settings: &Passwords, metrics: Product) -> anyhow::Result<Self> {
        let params =
            Params::new(settings.memory_kib, settings.iterations, settings.parallelism, None)
                .context("ARGON2_*: parameters out of range")?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self(Arc::new(Inner {
            params,
            cores: Arc::new(Semaphore::new(cores)),
            queue: Arc::new(Semaphore::new(cores + settings.queue)),
            memory: Mutex::default(),
            metrics,
        })))
    }

    /// Hashes a password with a fresh salt.
    ///
    /// # Errors
    ///
    /// [`Refusal::Busy`] if the queue is full.
    pub async fn hash(&self, password: &Password) -> Result<PasswordHash> {
        let (params, password) = (self.0.params.clone(), password.clone());
        self.run(move |memory| {
            Ok(PasswordHash(compute::hash(&params, password.as_bytes(), memory)?.to_string()))
        })
        .await
    }

    /// Whether a password matches a stored hash. Without a hash (no such account, or no password) it
    /// does the same work and returns false.
    ///
    /// A stored hash that Keyward would not make (another algorithm, hostile parameters) matches no
    /// password and is logged as a defect. One with weaker parameters takes as long as a current one:
    /// see [`is_outdated`](Self::is_outdated). One with stronger parameters takes longer, which
    /// discloses accounts that have not logged in since `ARGON2_*` was lowered.
    ///
    /// # Errors
    ///
    /// [`Refusal::Busy`] if the queue is full.
    pub async fn verify(&self, password: &Password, stored: Option<&PasswordHash>) -> Result<bool> {
        let (own, password) = (self.0.params.clone(), password.clone());
        let stored = stored.and_then(|stored| {
            Stored::parse(&stored.0, &own)
                .inspect_err(|why| {
                    tracing::error!(why, "a defect: a stored password hash is not one of ours");
                })
                .ok()
        });
        self.run(move |memory| {
            let Some(stored) = stored else {
                compute::hash(&own, password.as_bytes(), memory)?;
                return Ok(false);
            };
            let is_right = stored.matches(password.as_bytes(), memory)?;
            if let Some(rest) = stored.missing_work(&own) {
                compute::hash(&rest, password.as_bytes(), memory)?;
            }
            Ok(is_right)
        })
        .await
    }

    /// Whether a hash was made with weaker parameters than the current ones. The next login replaces
    /// it.
    #[must_use]
    pub fn is_outdated(&self, stored: &PasswordHash) -> bool {
        let own = &self.0.params;
        Stored::parse(&stored.0, own).is_ok_and(|stored| stored.is_outdated(own))
    }

    /// Hashes, with memory that is kept for the next hash.
    async fn run<T, F>(&self, work: F) -> Result<T>
    where
        F: FnOnce(&mut Memory) -> anyhow::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let hashed = self.on_core(move || {
            let kept = || inner.memory.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = kept().pop().unwrap_or_default();
            let began_at = Instant::now();
            let done = work(&mut memory);
            inner.metrics.hash_seconds.observe(began_at.elapsed().as_secs_f64());
            kept().push(memory);
            done
        });
        Ok(hashed.await??)
    }

    /// Waits for a core and runs work on it that takes milliseconds, so that other requests do not wait
    /// for it. A caller that is dropped while it waits leaves the queue.
    ///
    /// # Errors
    ///
    /// [`Refusal::Busy`] if the queue is full.
    pub(crate) async fn on_core<T, F>(&self, work: F) -> Result<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let place = Arc::clone(&self.0.queue).try_acquire_owned().map_err(|_| {
            self.0.metrics.hashes_shed.inc();
            Refusal::Busy(Self::RETRY_AFTER)
        })?;
        let waiting = InProgress::new(&self.0.metrics.hashes_waiting);
        let core = Arc::clone(&self.0.cores).acquire_owned().await.context("hasher closed")?;
        drop(waiting);
        let running = InProgress::new(&self.0.metrics.hashes_running);
        let work = tokio::task::spawn_blocking(move || {
            let _held = (place, core, running);
            work()
        });
        Ok(work.await.context("work on a password panicked")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    fn settings(queue: usize) -> Passwords {
        Passwords {
            min_chars: 15,
            blocklist: None,
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
            queue,
        }
    }

    fn hasher(queue: usize) -> Hasher {
        Hasher::new(&settings(queue), Product::default()).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[tokio::test]
    async fn only_the_hashed_password_verifies() {
        let hasher = hasher(4);
        let hash = hasher.hash(&password("correct horse battery")).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        assert!(hasher.verify(&password("correct horse battery"), Some(&hash)).await.unwrap());
        assert!(!hasher.verify(&password("correct horse batterz"), Some(&hash)).await.unwrap());
        assert!(!hasher.verify(&password("correct horse battery"), None).await.unwrap());
    }

    #[tokio::test]
    async fn no_password_matches_a_foreign_hash() {
        let hasher = hasher(4);
        let hash = hasher.hash(&password("correct horse battery")).await.unwrap();
        for (from, to) in [("m=19456", "m=4194304"), ("argon2id", "argon2i"), ("$", "")] {
            let hostile = PasswordHash(hash.0.replace(from, to));
            let is_right = hasher.verify(&password("correct horse battery"), Some(&hostile)).await;
            assert!(!is_right.unwrap(), "{to}");
            assert!(!hasher.is_outdated(&hostile), "{to}");
        }
    }

    #[tokio::test]
    async fn hash_with_weaker_parameters_matches_and_is_outdated() {
        let hash = hasher(4).hash(&password("correct horse battery")).await.unwrap();
        let grown = Passwords { iterations: 3, ..settings(4) };
        let hasher = Hasher::new(&grown, Product::default()).unwrap();

        assert!(hasher.verify(&password("correct horse battery"), Some(&hash)).await.unwrap());
        assert!(!hasher.verify(&password("correct horse batterz"), Some(&hash)).await.unwrap());
        assert!(hasher.is_outdated(&hash));
        let renewed = hasher.hash(&password("correct horse battery")).await.unwrap();
        assert!(!hasher.is_outdated(&renewed));
    }

    #[tokio::test]
    async fn full_queue_refuses_callers() {
        let hasher = hasher(1);
        let password = password("correct horse battery");
        let all = verify_at_once(&hasher, &password, 32).await;
        let busy =
            all.iter().filter(|r| matches!(r, Err(Error::Refused(Refusal::Busy(_))))).count();
        assert!(busy > 0 && busy < 32, "{busy} of 32 were refused");
    }

    #[tokio::test]
    async fn password_of_a_cancelled_caller_is_not_hashed() {
        let hasher = hasher(8);
        let cores = u32::try_from(hasher.0.cores.available_permits()).unwrap();
        let busy = hasher.0.cores.acquire_many(cores).await.unwrap();
        let hashed = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (hasher, hashed) = (hasher.clone(), Arc::clone(&hashed));
            callers.spawn(async move {
                let work = move |_: &mut Memory| {
                    Ok(hashed.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
                };
                hasher.run(work).await
            });
        }
        while hasher.0.queue.available_permits() > usize::try_from(cores).unwrap() {
            tokio::task::yield_now().await;
        }

        callers.shutdown().await;
        drop(busy);
        hasher.verify(&password("correct horse battery"), None).await.unwrap();

        assert_eq!(hashed.load(std::sync::atomic::Ordering::SeqCst), 0);
        assert_eq!(hasher.0.queue.available_permits(), usize::try_from(cores).unwrap() + 8);
    }

    async fn verify_at_once(hasher: &Hasher, password: &Password, n: usize) -> Vec<Result<bool>> {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..n {
            let (hasher, password) = (hasher.clone(), password.clone());
            tasks.spawn(async move { hasher.verify(&password, None).await });
        }
        tasks.join_all().await
    }
}
