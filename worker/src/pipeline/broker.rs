//! Whether NATS has on disk what it acknowledges. No client of it can see that; its monitoring
//! shows it.

use std::time::Duration;

use anyhow::Context as _;
use keyward_core::App;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How long to wait until monitoring that did not answer is asked again.
const RETRY_DELAY: Duration = Duration::from_secs(10);

/// What an acknowledgement of the broker is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledgement {
    /// The event is on disk.
    OnDisk,
    /// The event is in memory, and on disk up to two minutes later.
    InMemory,
}

/// The part of `/varz` that is looked at.
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

/// Asks the monitoring of NATS, which listens at `monitoring`.
///
/// # Errors
///
/// If it does not answer, or the server has no JetStream.
pub async fn acknowledgement(monitoring: &Url) -> anyhow::Result<Acknowledgement> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
    let varz = client.get(monitoring.join("varz")?).send().await?.error_for_status()?;
    let varz: Varz = serde_json::from_slice(&varz.bytes().await?).context("no /varz of NATS")?;
    let config = varz.jetstream.config.context("the server has no JetStream")?;
    Ok(if config.sync_always { Acknowledgement::OnDisk } else { Acknowledgement::InMemory })
}

/// Says in the log, once, what the acknowledgements are worth; a warning unless they are on disk.
pub(crate) async fn warn_of_promises_it_cannot_keep(app: App, stop: CancellationToken) {
    let Some(monitoring) = &app.settings.servers.nats_monitoring_url else {
        tracing::warn!(
            "whether NATS has on disk what it acknowledges is not known: NATS_MONITORING_URL is not \
             set. If it has not, a power cut loses events from the stream; they stay in the outbox \
             for a week, and are published again"
        );
        return;
    };
    loop {
        match acknowledgement(monitoring).await {
            Ok(Acknowledgement::OnDisk) => {
                return tracing::info!("NATS has on disk what it acknowledges");
            }
            Ok(Acknowledgement::InMemory) => {
                return tracing::warn!(
                    "NATS acknowledges events before they are on disk: a power cut loses them from \
                     the stream. They stay in the outbox for a week, and are published again. To \
                     have them on disk at once, run NATS 2.12 or newer with jetstream.sync_interval: \
                     always"
                );
            }
            Err(error) => {
                tracing::debug!(
                    error = format!("{error:#}"),
                    "the monitoring of NATS does not answer"
                );
            }
        }
        if stop.run_until_cancelled(tokio::time::sleep(RETRY_DELAY)).await.is_none() {
            return;
        }
    }
}
