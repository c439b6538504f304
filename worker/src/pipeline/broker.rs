//! Whether NATS stores messages on disk before it acknowledges them. Only its monitoring says so.

use std::time::Duration;

use anyhow::Context as _;
use keyward_core::App;
use serde::Deserialize;
use url::Url;

/// Longest time a request to the monitoring may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// What an acknowledgement of NATS guarantees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledgement {
    /// The event is on disk.
    OnDisk,
    /// The event is in memory, and on disk within two minutes.
    InMemory,
}

/// The part of `/varz` that is read.
#[derive(Deserialize)]
struct Varz {
    jetstream: Jetstream,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Jetstream {
    config: Option<Config>,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    sync_always: bool,
}

/// Reads the configuration of NATS from its monitoring.
///
/// # Errors
///
/// If the monitoring does not answer, or the server has no JetStream.
pub async fn acknowledgement(monitoring: &Url) -> anyhow::Result<Acknowledgement> {
    let client = reqwest::Client::builder().no_proxy().timeout(REQUEST_TIMEOUT).build()?;
    let varz = client.get(monitoring.join("varz")?).send().await?.error_for_status()?;
    let varz: Varz = serde_json::from_slice(&varz.bytes().await?).context("no /varz of NATS")?;
    let config = varz.jetstream.config.context("the server has no JetStream")?;
    Ok(if config.sync_always { Acknowledgement::OnDisk } else { Acknowledgement::InMemory })
}

/// Logs once what acknowledgements guarantee; a warning unless events are on disk. Returns the delay
/// until the next call: for ever.
pub(crate) async fn log_durability(app: &App) -> anyhow::Result<Duration> {
    const CONSEQUENCE: &str = "A power cut can remove events from the stream; they stay in the \
                               outbox for a week and are published again";
    let Some(monitoring) = &app.settings.servers.nats_monitoring_url else {
        tracing::warn!(
            "NATS_MONITORING_URL is not set, so it is unknown whether NATS stores events on disk \
             before it acknowledges them. {CONSEQUENCE}"
        );
        return Ok(Duration::MAX);
    };
    match acknowledgement(monitoring).await.context("the monitoring of NATS does not answer")? {
        Acknowledgement::OnDisk => tracing::info!("NATS acknowledges events when they are on disk"),
        Acknowledgement::InMemory => tracing::warn!(
            "NATS acknowledges events before they are on disk. {CONSEQUENCE}. To store them on disk \
             at once, run NATS 2.12 or newer with jetstream.sync_interval: always"
        ),
    }
    Ok(Duration::MAX)
}
