//! Whether NATS stores messages on disk before it acknowledges them. Only its monitoring says so.

use std::time::Duration;

use anyhow::Context as _;
use keyward_core::App;
use serde_json::Value;
use url::Url;

/// Longest time a request to the monitoring may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// Logs once what an acknowledgement of NATS guarantees; a warning unless events are on disk. Returns
/// the delay until the next call: for ever.
pub(crate) async fn log_durability(app: &App) -> anyhow::Result<Duration> {
    const CONSEQUENCE: &str = "A power cut can remove events from the stream; they stay in the \
                               outbox for days and are published again";
    let Some(monitoring) = &app.settings.servers.nats_monitoring_url else {
        tracing::warn!(
            "NATS_MONITORING_URL is not set, so it is unknown whether NATS stores events on disk \
             before it acknowledges them. {CONSEQUENCE}"
        );
        return Ok(Duration::MAX);
    };
    if syncs_always(monitoring).await.context("the monitoring of NATS does not answer")? {
        tracing::info!("NATS acknowledges events when they are on disk");
    } else {
        tracing::warn!(
            "NATS acknowledges events before they are on disk. {CONSEQUENCE}. To store them on disk \
             at once, run NATS 2.12 or newer with jetstream.sync_interval: always"
        );
    }
    Ok(Duration::MAX)
}

/// Reads from the monitoring whether NATS syncs every message to disk. Otherwise it syncs every two
/// minutes.
async fn syncs_always(monitoring: &Url) -> anyhow::Result<bool> {
    let client = reqwest::Client::builder().no_proxy().timeout(REQUEST_TIMEOUT).build()?;
    let response = client.get(monitoring.join("varz")?).send().await?.error_for_status()?;
    let varz: Value = response.json().await?;
    let config = varz["jetstream"]["config"].as_object().context("there is no JetStream")?;
    Ok(config.get("sync_always") == Some(&Value::Bool(true)))
}
