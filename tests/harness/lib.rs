//! The test harness. A [`World`] gives each test its own database, Redis keys, stream, mailbox and
//! clock, with the API and the worker in the test process. A [`Cluster`] runs real processes.
//!
//! Tests run in parallel against the servers that `make test` starts.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests panic on failure and run their own SQL, and their names describe them"
)]

mod account;
mod authority;
mod avatars;
pub mod bounces;
mod bucket;
mod cluster;
mod compare;
mod direct;
mod endpoint;
pub mod hostile;
mod http;
mod mail;
mod name_server;
mod operations;
mod options;
pub mod pictures;
mod pipeline;
mod proxy;
mod responses;
mod revocations;
mod rng;
mod routes;
mod seed;
mod service_tokens;
mod state;
mod timing;
mod world;

pub use account::{Account, PASSWORD, Tokens, registration};
pub use authority::Authority;
pub use avatars::Fetched;
pub use bounces::{BOUNCE_DOMAIN, BounceClient};
pub use bucket::Bucket;
pub use cluster::{Cluster, CpuQuota, Disk, Program};
pub use compare::{masked, tally};
pub use endpoint::{Endpoint, Received, Webhook};
pub use http::Reply;
pub use mail::{code_in, token_in};
pub use name_server::NameServer;
pub use options::Options;
pub use pipeline::LedgerMail;
pub use proxy::{Proxy, Traffic};
pub use responses::documented;
pub use revocations::Follower;
pub use rng::Rng;
pub use routes::{Route, Takes};
pub use seed::Seed;
pub use service_tokens::ServiceToken;
pub use timing::Timing;
pub use world::World;

use std::time::{Duration, Instant};

/// Waits until a condition is true; polls it every 10 ms.
///
/// # Panics
///
/// If it is not true after 30 s; `what` names the condition.
pub async fn until<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(Instant::now() < deadline, "timed out waiting until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The memory of a process in MiB, none if it has ended: `VmRSS` for the current value, `VmHWM` for the
/// peak.
#[must_use]
pub fn memory_mib(pid: u32, field: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1_024)
}

/// Connects to the NATS server of a URL, with its credentials.
///
/// # Panics
///
/// If the server is unreachable.
pub async fn nats(url: &str) -> async_nats::Client {
    let url: url::Url = url.parse().unwrap();
    let (user, password) = (url.username().to_owned(), url.password().unwrap().to_owned());
    let options = async_nats::ConnectOptions::with_user_and_password(user, password);
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    options.connect(server).await.unwrap()
}

/// Shows the log of API and worker if `KEYWARD_TEST_LOG` is set (`info`, `keyward_core=debug`).
fn log_if_asked() {
    if let Ok(filter) = std::env::var("KEYWARD_TEST_LOG") {
        let log = keyward_core::settings::Log { json: false, filter };
        // Another world of this process may have started it.
        let _ = keyward_core::infra::telemetry::start("keyward-tests", &log, None);
    }
}

/// A variable that `make test` sets.
///
/// # Panics
///
/// If it is missing: the tests need servers.
#[must_use]
pub fn server(name: &str) -> String {
    let name = format!("KEYWARD_TEST_{name}");
    std::env::var(&name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: run `make test`, or put `keyward-stack run --` before your command"
        )
    })
}
