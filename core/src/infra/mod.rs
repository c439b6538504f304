//! Infrastructure: Redis, cryptography, files, the clock, logs and metrics.

pub mod access_tokens;
pub mod blobs;
pub mod cache;
pub mod clock;
pub mod health;
pub(crate) mod keyed_lock;
pub mod limits;
pub mod metrics;
pub mod passwords;
pub mod postgres;
pub mod readiness;
pub mod retry;
pub mod signing_keys;
pub mod telemetry;
