//! Rate limits: GCRA, decided in one call to Redis by the clock of Redis.
//!
//! The limits of one request are decided together: all let it pass, or none counts it. Without Redis
//! each process counts its own requests, twice as strictly, because it sees only its share.
//!
//! Buckets are named by hashes: no address of a person or a network is in Redis.
//!
//! An attacker cannot use the limits on failed logins to lock an owner out (OWASP ASVS 5.0, 6.1.1 and
//! 6.3.1; NIST SP 800-63B-4, section 3.2.2).

mod local;
mod scripts;

use std::time::Duration;

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redis::{FromRedisValue, Script};

use crate::{
    Refusal,
    domain::Limit,
    error::ExhaustedLimit,
    infra::{cache::Cache, metrics::Product},
};
pub(crate) use local::LocalLimiter;

/// The requests of one subject under one limit.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// The limit's name, as in header `RateLimit-Policy`.
    pub name: &'static str,
    /// The limit.
    pub limit: Limit,
    /// Hash of the subject.
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

/// The decision about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the request may pass.
    pub is_allowed: bool,
    /// Index of the bucket with the fewest requests left.
    pub tightest: usize,
    /// Requests left in this bucket.
    pub remaining: u32,
    /// Time until one more request may pass; zero if some are left.
    pub retry_after: Duration,
    /// Time until the bucket is full again.
    pub reset_after: Duration,
}

impl Verdict {
    /// The verdict where nothing is limited.
    const FREE: Self = Self {
        is_allowed: true,
        tightest: 0,
        remaining: u32::MAX,
        retry_after: Duration::ZERO,
        reset_after: Duration::ZERO,
    };

    /// The refusal of a request whose buckets were decided together, unless it may pass.
    #[must_use]
    pub fn refusal(self, buckets: &[Bucket]) -> Option<Refusal> {
        let bucket = buckets.get(self.tightest).filter(|_| !self.is_allowed)?;
        let (name, retry_after) = (bucket.name, self.retry_after);
        Some(Refusal::Throttled(ExhaustedLimit { name, retry_after }))
    }
}

/// Decides whether requests may pass.
#[derive(Debug)]
pub struct Limiter {
    cache: Cache,
    local: LocalLimiter,
    is_enabled: bool,
    metrics: Product,
}

impl Limiter {
    /// Makes a limiter that counts in the cache's Redis. A disabled one lets every request pass.
    pub(crate) fn new(cache: Cache, is_enabled: bool, metrics: Product) -> Self {
        Self { cache, local: LocalLimiter::default(), is_enabled, metrics }
    }

    /// Counts a request in all buckets, or in none if one of them is exhausted.
    pub async fn decide(&self, buckets: &[Bucket]) -> Verdict {
        if !self.is_enabled || buckets.is_empty() {
            return Verdict::FREE;
        }
        let verdict = match self.ask(&scripts::DECIDE, buckets).await {
            Some(answer) => scripts::verdict(answer),
            None => self.local.decide(buckets),
        };
        if !verdict.is_allowed
            && let Some(bucket) = buckets.get(verdict.tightest)
        {
            self.metrics.refused(bucket.name);
        }
        verdict
    }

    /// Like [`decide`](Self::decide), with an error if the request may not pass.
    ///
    /// # Errors
    ///
    /// [`Refusal::Throttled`] if a bucket is exhausted.
    pub async fn pass(&self, buckets: &[Bucket]) -> Result<(), Refusal> {
        self.decide(buckets).await.refusal(buckets).map_or(Ok(()), Err)
    }

    /// Undoes the count of one request that turned out not to be a guess. A correct login frees only
    /// its own place, so it makes no room for guesses.
    pub async fn refund(&self, buckets: &[Bucket]) {
        if !self.is_enabled || buckets.is_empty() {
            return;
        }
        if self.ask::<u8>(&scripts::REFUND, buckets).await.is_none() {
            self.local.refund(buckets);
        }
    }

    /// Runs a script. Returns `None` if Redis is unavailable.
    async fn ask<T: FromRedisValue>(
        &self,
        script: &'static Script,
        buckets: &[Bucket],
    ) -> Option<T> {
        let prepare = |namespace: &str| {
            let mut call = script.prepare_invoke();
            for bucket in buckets {
                let interval_ms = bucket.limit.interval().as_millis();
                call.key(bucket.key(namespace));
                call.arg(u64::try_from(interval_ms).unwrap_or(u64::MAX).max(1));
                call.arg(bucket.limit.burst);
            }
            call
        };
        self.cache.run(prepare).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_key_does_not_contain_its_subject() {
        let bucket = Bucket::new("login", "10/600".parse().unwrap(), "ada@example.org");
        assert!(!bucket.key("keyward").contains("ada"));
    }
}
