//! The headers `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), which
//! are lists of structured fields (RFC 9651):
//!
//! ```text
//! RateLimit-Policy: "login";q=60;w=300, "login-account";q=10;w=600
//! RateLimit: "login-account";r=7;t=180
//! ```
//!
//! A policy allows `q` requests in `w` seconds. `RateLimit` names the limit closest to exhaustion:
//! `r` requests are left, and all are available again in `t` seconds. If `r` is 0, the next request
//! is allowed in `t` seconds.

use keyward_core::{domain::Limit, infra::limits::Verdict};
use poem::{
    Response,
    http::{HeaderValue, StatusCode, header},
};

use crate::http::problem::whole_seconds;

/// Sets both headers.
pub(super) fn set(response: &mut Response, policies: &[(&'static str, Limit)], verdict: Verdict) {
    let policy = policies
        .iter()
        .map(|(name, limit)| format!("\"{name}\";q={};w={}", limit.burst, limit.period.as_secs()));
    put(response, "ratelimit-policy", &policy.collect::<Vec<_>>().join(", "));
    let state = match policies.get(verdict.tightest) {
        _ if verdict.is_allowed && response.status() == StatusCode::TOO_MANY_REQUESTS => {
            // The limit that core applies is the last one. All others let the request pass.
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
