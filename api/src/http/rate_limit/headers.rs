//! `RateLimit` and `RateLimit-Policy`, as draft-ietf-httpapi-ratelimit-headers-10 has them:
//! lists of structured fields (RFC 9651), for example
//!
//! ```text
//! RateLimit-Policy: "login";q=60;w=300, "login-account";q=10;w=600
//! RateLimit: "login-account";r=7;t=180
//! ```
//!
//! `q` requests in `w` seconds; `r` of them are left, and all will be in `t` seconds. `RateLimit`
//! names the limit that is nearest to its end; when it is reached, `t` is when to come back.

use std::time::Duration;

use keyward_core::{domain::Limit, infra::limits::Verdict};
use poem::{
    Response,
    http::{HeaderValue, StatusCode, header},
};

/// Sets both headers.
pub(super) fn set(response: &mut Response, policies: &[(&'static str, Limit)], verdict: Verdict) {
    let policy = policies
        .iter()
        .map(|(name, limit)| format!("\"{name}\";q={};w={}", limit.burst, limit.period.as_secs()));
    put(response, "ratelimit-policy", &policy.collect::<Vec<_>>().join(", "));
    let state = match policies.get(verdict.tightest) {
        _ if verdict.is_allowed && response.status() == StatusCode::TOO_MANY_REQUESTS => {
            // Core has refused: by the last limit, after all of ours had let it pass.
            let wait = response.headers().get(header::RETRY_AFTER);
            let wait_s = wait.and_then(|wait| wait.to_str().ok()).unwrap_or("1").to_owned();
            policies.last().map(|(name, _)| format!("\"{name}\";r=0;t={wait_s}"))
        }
        Some((name, _)) => {
            let wait = if verdict.is_allowed { verdict.reset_after } else { verdict.retry_after };
            Some(format!("\"{name}\";r={};t={}", verdict.remaining, whole_seconds(wait)))
        }
        None => None,
    };
    put(response, "ratelimit", &state.unwrap_or_default());
}

fn put(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Seconds to wait: rounded up, so that whoever waits so long passes.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)
}
