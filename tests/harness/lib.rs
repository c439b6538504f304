//! A [`World`] for each test: its own database, its own Redis keys, its own stream, its own
//! mailbox, its own clock; the API and the worker run in it as they do in production.
//!
//! Tests run in parallel against the servers that `make test` starts.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests fail by panicking, speak SQL of their own, and their names say what they do"
)]

mod account;
mod authority;
mod avatars;
mod behind;
mod bucket;
mod chance;
mod cluster;
mod compare;
mod endpoint;
mod http;
mod mail;
mod operations;
mod options;
pub mod pictures;
mod pipeline;
mod proxy;
mod responses;
mod routes;
mod seed;
mod state;
mod timing;
mod world;

pub use account::{Account, Tokens};
pub use authority::Authority;
pub use avatars::Fetched;
pub use bucket::Bucket;
pub use chance::Chance;
pub use cluster::{Cluster, Disk, Program};
pub use compare::{masked, tally};
pub use endpoint::{Endpoint, Got, Webhook};
pub use http::Reply;
pub use mail::token_in;
pub use options::Options;
pub use pipeline::LedgerMail;
pub use proxy::{Passage, Proxy};
pub use responses::documented;
pub use routes::{Route, Takes};
pub use seed::Seed;
pub use timing::Timing;
pub use world::World;

use std::time::{Duration, Instant};

/// Waits until something is so, looking every few milliseconds.
///
/// # Panics
///
/// If it is not so after half a minute; `what` says what was waited for.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let give_up = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < give_up, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A connection to the NATS of a URL, as the user that it names.
///
/// # Panics
///
/// If there is none, or the server does not answer.
pub async fn nats(url: &str) -> async_nats::Client {
    let url: url::Url = url.parse().unwrap();
    let (user, password) = (url.username().to_owned(), url.password().unwrap().to_owned());
    let options = async_nats::ConnectOptions::with_user_and_password(user, password);
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    options.connect(server).await.unwrap()
}

/// Shows what API and worker log, if `KEYWARD_TEST_LOG` says what (`info`, `keyward_core=debug`).
fn log_if_asked() {
    if let Ok(filter) = std::env::var("KEYWARD_TEST_LOG") {
        let log = keyward_core::settings::Log { json: false, filter };
        // Another test of this process may have started it.
        let _ = keyward_core::infra::telemetry::start("keyward-tests", &log, None);
    }
}

/// The variables that `make test` sets.
///
/// # Panics
///
/// If one is missing: the tests need servers.
#[must_use]
pub fn server(name: &str) -> String {
    let name = format!("KEYWARD_TEST_{name}");
    std::env::var(&name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: run `make test`, or put `keyward-stack run --` before your command"
        )
    })
}
