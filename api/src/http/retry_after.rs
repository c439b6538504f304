//! Waits on the wire, as `Retry-After` has them (RFC 9110, section 10.2.3).

use std::time::Duration;

/// Whole seconds, rounded up: a client that waits this long is let through. At least one.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX).max(1)
}
