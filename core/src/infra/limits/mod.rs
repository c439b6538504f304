//! How often somebody may ask: GCRA, decided in one call to Redis, by the clock of Redis.
//!
//! A limit of `10/600` lets ten requests through at once and one more every sixty seconds. Several
//! limits are decided together: all let the request through, or none counts it. With Redis away
//! each process counts for itself, twice as strictly, because it sees only its share.
//!
//! Buckets are named by hashes: no address of a person or a network stands in Redis.
//!
//! What is limited, and how nobody can be locked out by it, stands in the README (OWASP ASVS 5.0,
//! 6.1.1 and 6.3.1; NIST SP 800-63B-4, section 3.2.2).

mod gcra;
mod local;
mod scripts;

use std::{fmt, str::FromStr, time::Duration};

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    App, Refusal,
    domain::EmailAddress,
    infra::{cache::Cache, metrics::Product},
};
pub(crate) use local::LocalLimiter;

/// So many requests at once, and as many again in a period: `burst/period_s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests that may come at once.
    pub burst: u32,
    /// How long it takes until as many are free again.
    pub period: Duration,
}

impl Limit {
    /// How long it takes until one more is free.
    fn interval(self) -> Duration {
        self.period / self.burst
    }

    /// Half as generous, but never shut.
    fn strict(self) -> Self {
        Self { burst: (self.burst / 2).max(1), period: self.period }
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (burst, period_s) = text.split_once('/')?;
            let (burst, period_s): (u32, u64) = (burst.parse().ok()?, period_s.parse().ok()?);
            let is_sane = (1..=1_000_000).contains(&burst) && (1..=604_800).contains(&period_s);
            is_sane.then(|| Self { burst, period: Duration::from_secs(period_s) })
        };
        parse().ok_or_else(|| "must be requests/seconds, like 10/600".to_owned())
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.burst, self.period.as_secs())
    }
}

/// Whose requests a limit counts.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// The limit's name, as in header `RateLimit-Policy`.
    pub name: &'static str,
    /// The limit.
    pub limit: Limit,
    /// Hash of who is counted.
    subject: String,
}

impl Bucket {
    /// The bucket of `subject` (an address, a network, an id) under a limit.
    #[must_use]
    pub fn new(name: &'static str, limit: Limit, subject: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, subject.as_bytes());
        Self { name, limit, subject: URL_SAFE_NO_PAD.encode(&hash.as_ref()[..18]) }
    }

    fn key(&self, namespace: &str) -> String {
        format!("{namespace}:limit:{}:{}", self.name, self.subject)
    }
}

/// What the limits say of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it may go on.
    pub is_allowed: bool,
    /// Which bucket is nearest to its end: its place in the list that was asked about.
    pub tightest: usize,
    /// Requests that this bucket has left.
    pub remaining: u32,
    /// Until one more is free; zero if some are left.
    pub retry_after: Duration,
    /// Until the bucket is as good as new.
    pub reset_after: Duration,
}

impl Verdict {
    /// Where nothing is counted.
    const FREE: Self = Self {
        is_allowed: true,
        tightest: 0,
        remaining: u32::MAX,
        retry_after: Duration::ZERO,
        reset_after: Duration::ZERO,
    };
}

/// Decides about requests.
#[derive(Debug)]
pub struct Limiter {
    cache: Cache,
    local: LocalLimiter,
    is_enabled: bool,
    metrics: Product,
}

impl Limiter {
    /// Makes a limiter that counts in the Redis of the cache; disabled, it lets everything through.
    pub(crate) fn new(cache: Cache, is_enabled: bool, metrics: Product) -> Self {
        Self { cache, local: LocalLimiter::default(), is_enabled, metrics }
    }

    /// Counts a request in all buckets, or in none if one of them is full.
    pub async fn decide(&self, buckets: &[Bucket]) -> Verdict {
        if !self.is_enabled || buckets.is_empty() {
            return Verdict::FREE;
        }
        let verdict = self.verdict(buckets).await;
        if !verdict.is_allowed
            && let Some(bucket) = buckets.get(verdict.tightest)
        {
            self.metrics.refused(bucket.name);
        }
        verdict
    }

    async fn verdict(&self, buckets: &[Bucket]) -> Verdict {
        let asked = self.cache.run(|namespace| scripts::decide(buckets, namespace));
        let Some((allowed, tightest, remaining, retry_ms, reset_ms)) =
            asked.await.map(|answer: (u8, usize, u32, u64, u64)| answer)
        else {
            return self.local.decide(buckets);
        };
        Verdict {
            is_allowed: allowed == 1,
            tightest: tightest.saturating_sub(1),
            remaining,
            retry_after: Duration::from_millis(retry_ms),
            reset_after: Duration::from_millis(reset_ms),
        }
    }

    /// Like [`decide`](Self::decide), with a refusal for the answer "no".
    ///
    /// # Errors
    ///
    /// [`Refusal::Throttled`] if a bucket is full.
    pub async fn pass(&self, buckets: &[Bucket]) -> Result<(), Refusal> {
        match self.decide(buckets).await {
            Verdict { is_allowed: true, .. } => Ok(()),
            Verdict { retry_after, .. } => Err(Refusal::Throttled { retry_after }),
        }
    }

    /// Takes back that a request was counted: it turned out to be no guess. One request gives back
    /// one place, so nobody makes room for others by being right.
    pub async fn refund(&self, buckets: &[Bucket]) {
        if !self.is_enabled || buckets.is_empty() {
            return;
        }
        let asked = self.cache.run(|namespace| scripts::refund(buckets, namespace));
        if asked.await.is_none_or(|_: u8| false) {
            self.local.refund(buckets);
        }
    }

    /// Makes a bucket as good as new.
    pub(crate) async fn empty(&self, bucket: &Bucket) {
        let asked = self.cache.run(|namespace| scripts::empty(bucket, namespace));
        if asked.await.is_none_or(|_: u8| false) {
            self.local.empty(bucket);
        }
    }
}

impl App {
    /// Counts the wrong logins of an address, known or not, from networks that never held a session
    /// of its account (`LIMIT_LOGIN_STRANGERS`).
    pub(crate) fn login_strangers(&self, email: &EmailAddress) -> Bucket {
        Bucket::new("login-strangers", self.settings.limits.login_strangers, email.key())
    }

    /// Whether one more mail that a stranger caused may go to a mailbox (`LIMIT_MAILBOX`). Call it
    /// on every request, with `is_due` false if there is none to send: then nothing is counted, and
    /// the work is the same.
    pub(crate) async fn may_mail(&self, to: &EmailAddress, is_due: bool) -> bool {
        let name = if is_due { "mailbox" } else { "mailbox-of-nobody" };
        let bucket = Bucket::new(name, self.settings.limits.mailbox, to.key());
        self.limiter.decide(&[bucket]).await.is_allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_reads_as_requests_per_seconds() {
        let limit: Limit = "10/600".parse().unwrap();
        assert_eq!(
            (limit.burst, limit.period.as_secs(), limit.interval().as_secs()),
            (10, 600, 60)
        );
        assert_eq!(limit.to_string(), "10/600");
        for bad in ["", "10", "0/60", "10/0", "-1/60", "10/60s", "9999999/1", "1/9999999"] {
            assert!(bad.parse::<Limit>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_bucket_does_not_tell_whose_it_is() {
        let bucket = Bucket::new("login", "10/600".parse().unwrap(), "ada@example.org");
        assert!(!bucket.key("keyward").contains("ada"));
    }
}
