//! How often somebody may ask: GCRA, decided in one call to Redis, by the clock of Redis.
//!
//! A limit of `10/600` lets ten requests through at once and one more every sixty seconds. Several
//! limits are decided together: all let the request through, or none counts it. With Redis away
//! each process counts for itself, twice as strictly, because it sees only its share.
//!
//! Buckets are named by hashes: no address of a person or a network stands in Redis.

mod gcra;
mod local;

use std::{fmt, str::FromStr, sync::LazyLock, time::Duration};

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redis::Script;

use crate::cache::Cache;
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

/// `KEYS`: buckets; `ARGV`: interval and burst of each, in ms. Answers `{allowed, nearest to its
/// end, remaining, retry after ms, reset after ms}`. The arithmetic is that of [`gcra`].
const DECIDE: &str = r"
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local allowed, tightest, left, retry, reset, tats = 1, 1, nil, 0, 0, {}
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local tat = math.max(tonumber(redis.call('GET', key) or now) or now, now)
  local next_tat = tat + interval
  local over = next_tat - now - interval * burst
  local remaining = math.max(0, math.floor(-over / interval))
  if over > 0 then
    if allowed == 1 or over > retry then tightest, retry, reset, left = i, over, tat - now, 0 end
    allowed = 0
  elseif allowed == 1 and (left == nil or remaining < left) then
    tightest, left, reset = i, remaining, next_tat - now
  end
  tats[i] = next_tat
end
if allowed == 1 then
  for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', tats[i]), 'PX', math.ceil(tats[i] - now) + 1)
  end
end
return {allowed, tightest, left or 0, math.ceil(retry), math.ceil(reset)}
";

static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(DECIDE));

/// Decides about requests.
#[derive(Debug)]
pub struct Limiter {
    cache: Cache,
    local: LocalLimiter,
}

impl Limiter {
    /// Makes a limiter that counts in the Redis of the cache.
    pub(crate) fn new(cache: Cache) -> Self {
        Self { cache, local: LocalLimiter::default() }
    }

    /// Counts a request in all buckets, or in none if one of them is full.
    pub async fn decide(&self, buckets: &[Bucket]) -> Verdict {
        let asked = self.cache.run(|namespace| {
            let mut call = SCRIPT.prepare_invoke();
            for bucket in buckets {
                call.key(bucket.key(namespace));
                call.arg(millis(bucket.limit.interval()).max(1)).arg(bucket.limit.burst);
            }
            call
        });
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
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
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
