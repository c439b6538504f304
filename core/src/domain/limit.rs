//! Rate limits as values.

use std::{fmt, str::FromStr, time::Duration};

/// A burst of requests, refilled evenly within a period: `burst/period_s`.
///
/// `10/600` lets ten requests pass at once and one more every sixty seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests that may pass at once.
    pub burst: u32,
    /// Time until the whole burst is available again.
    pub period: Duration,
}

impl Limit {
    /// Time until one more request may pass.
    pub(crate) fn interval(self) -> Duration {
        self.period / self.burst
    }

    /// Half the burst, but at least one request.
    pub(crate) fn strict(self) -> Self {
        Self { burst: (self.burst / 2).max(1), period: self.period }
    }
}

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (burst, period_s) = text.split_once('/')?;
            let (burst, period_s): (u32, u64) = (burst.parse().ok()?, period_s.parse().ok()?);
            let is_sane = (1..=1_000_000).contains(&burst) && (1..=604_800).contains(&period_s);
            is_sane.then(|| Self { burst, period: Duration::from_secs(period_s) })
        };
        parse().ok_or("must be requests/seconds, like 10/600")
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.burst, self.period.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_reads_as_requests_per_seconds() {
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
}
