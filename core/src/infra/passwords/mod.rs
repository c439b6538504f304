//! Hashing passwords: argon2id (RFC 9106) with the parameters of OWASP's Password Storage Cheat
//! Sheet or better (OWASP ASVS 5.0, 11.4.2; NIST SP 800-63B-4, section 3.1.1.2).
//!
//! A hash costs a core for tens of milliseconds and 19 MiB, so at most one per core runs at a time
//! and only so many wait; everybody else is told to come back. The rest of the service stays fast.

mod compute;
mod stored;
mod threads;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use argon2::Params;
use tokio::sync::Semaphore;

use crate::{Refusal, Result, domain::Password, infra::metrics::Product, settings::Passwords};
use threads::Threads;

/// A stored password hash in PHC string format. Never shown by `Debug`.
#[derive(Clone)]
pub struct PasswordHash(pub(crate) String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// Hashes and verifies passwords, one per core at a time.
#[derive(Debug, Clone)]
pub struct Hasher {
    params: Params,
    /// One permit per core, held *inside* the job, so that a caller who gives up does
    /// not let another one in beside the work he left behind.
    cores: Arc<Semaphore>,
    threads: Arc<Threads>,
    /// Callers who wait or work.
    places: Arc<Semaphore>,
    /// A hash of nothing anybody knows: verifying against it costs what a real one costs.
    decoy: Arc<PasswordHash>,
    /// Cores, and places in the queue for them.
    count: usize,
    queue: usize,
    metrics: Product,
}

impl Hasher {
    /// How long a caller who found the queue full should wait.
    const RETRY_AFTER: Duration = Duration::from_secs(2);

    /// Makes a hasher.
    ///
    /// # Errors
    ///
    /// If argon2 does not accept the parameters.
    pub(crate) fn new(settings: &Passwords, metrics: Product) -> anyhow::Result<Self> {
        let params =
            Params::new(settings.memory_kib, settings.iterations, settings.parallelism, None)
                .context("ARGON2_*: parameters out of range")?;
        let decoy = PasswordHash(compute::decoy(&params)?.to_string());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            params,
            cores: Arc::new(Semaphore::new(cores)),
            threads: Arc::new(Threads::start(cores).context("no threads to be had")?),
            places: Arc::new(Semaphore::new(cores + settings.queue)),
            decoy: Arc::new(decoy),
            count: cores,
            queue: settings.queue,
            metrics,
        })
    }

    /// Hashes a new password with a fresh salt.
    ///
    /// # Errors
    ///
    /// [`Refusal::Busy`] if too many are waiting already.
    pub async fn hash(&self, password: &Password) -> Result<PasswordHash> {
        let (params, password) = (self.params.clone(), password.clone());
        self.on_a_core(move || hash(&params, password.as_bytes())).await
    }

    /// Whether the password is the one that was hashed. Without a hash (no such account, or none
    /// set) it does the same work against a decoy and says no.
    ///
    /// A stored hash that is not one of ours (another algorithm, hostile parameters) is a defect
    /// for the log, and no password is right for it. One with weaker parameters than ours takes as
    /// long as ours: see [`is_outdated`](Self::is_outdated). One with stronger ones takes longer;
    /// so lower `ARGON2_*` only if it must be.
    ///
    /// # Errors
    ///
    /// [`Refusal::Busy`] if too many are waiting already.
    pub async fn verify(&self, password: &Password, stored: Option<&PasswordHash>) -> Result<bool> {
        let (own, password) = (self.params.clone(), password.clone());
        let trusted = stored.and_then(|stored| {
            stored::parse(&stored.0, &own)
                .inspect_err(|why| {
                    tracing::error!(why, "a defect: a stored password hash is not one of ours");
                })
                .ok()
        });
        let decoy = Arc::clone(&self.decoy);
        self.on_a_core(move || {
            let Some((hash, params)) = trusted else {
                let (decoy, _) = stored::parse(&decoy.0, &own).map_err(anyhow::Error::msg)?;
                compute::is_right(password.as_bytes(), &decoy)?;
                return Ok(false);
            };
            let is_right = compute::is_right(password.as_bytes(), &hash)?;
            if let Some(rest) = stored::missing_work(&params, &own) {
                compute::hash(&rest, password.as_bytes())?;
            }
            Ok(is_right)
        })
        .await
    }

    /// Whether a hash was made with weaker parameters than ours, and should be made anew as soon as
    /// its password is known, which is at the next login.
    #[must_use]
    pub fn is_outdated(&self, stored: &PasswordHash) -> bool {
        let own = &self.params;
        stored::parse(&stored.0, own).is_ok_and(|(_, params)| stored::is_outdated(&params, own))
    }

    async fn on_a_core<T, F>(&self, work: F) -> Result<T>
    where
        F: FnOnce() -> anyhow::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            self.metrics.hashes_shed.inc();
            Refusal::Busy { retry_after: Self::RETRY_AFTER }
        })?;
        let core = Arc::clone(&self.cores).acquire_owned().await.context("hasher closed")?;
        let metrics = self.metrics.clone();
        let work = self.threads.run(move || {
            let _held = (place, core);
            let began_at = Instant::now();
            let done = work();
            metrics.hash_seconds.observe(began_at.elapsed().as_secs_f64());
            done
        });
        Ok(work.await.context("hashing panicked")??)
    }

    /// Passwords that keep a core busy, and passwords that wait for one.
    pub(crate) fn load(&self) -> (i64, i64) {
        let busy = |most: usize, free: usize| i64::try_from(most.saturating_sub(free)).unwrap_or(0);
        let running = busy(self.count, self.cores.available_permits());
        let all = busy(self.count + self.queue, self.places.available_permits());
        (running, (all - running).max(0))
    }
}

fn hash(params: &Params, password: &[u8]) -> anyhow::Result<PasswordHash> {
    Ok(PasswordHash(compute::hash(params, password)?.to_string()))
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
    async fn for_a_hash_that_is_not_ours_no_password_is_right() {
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
    async fn a_hash_with_weaker_parameters_is_good_and_outdated() {
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
    async fn when_the_queue_is_full_callers_are_told_to_come_back() {
        let hasher = hasher(1);
        let password = password("correct horse battery");
        let all = verify_at_once(&hasher, &password, 32).await;
        let busy =
            all.iter().filter(|r| matches!(r, Err(Error::Refused(Refusal::Busy { .. })))).count();
        assert!(busy > 0 && busy < 32, "{busy} of 32 were refused");
    }

    #[tokio::test]
    async fn a_password_that_nobody_waits_for_any_more_is_not_hashed() {
        let hasher = hasher(8);
        let cores = u32::try_from(hasher.cores.available_permits()).unwrap();
        let busy = hasher.cores.acquire_many(cores).await.unwrap();
        let hashed = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (hasher, hashed) = (hasher.clone(), Arc::clone(&hashed));
            callers.spawn(async move {
                let work = move || Ok(hashed.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
                hasher.on_a_core(work).await
            });
        }
        while hasher.places.available_permits() > usize::try_from(cores).unwrap() {
            tokio::task::yield_now().await;
        }

        callers.shutdown().await;
        drop(busy);
        hasher.verify(&password("correct horse battery"), None).await.unwrap();

        assert_eq!(hashed.load(std::sync::atomic::Ordering::SeqCst), 0);
        assert_eq!(hasher.places.available_permits(), usize::try_from(cores).unwrap() + 8);
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
