//! Logs: one line per thing that happened, for people or as JSON; no personal data, no secrets
//! (OWASP ASVS 5.0, 16.2.5), and no line that somebody else has written (16.4.1).

use anyhow::Context as _;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::settings::Log;

/// Starts logging to standard output for the rest of the process.
///
/// # Errors
///
/// If `LOG_FILTER` is malformed, or logging was started before.
pub fn start(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::builder().parse(&log.filter).context("LOG_FILTER")?;
    let registry = tracing_subscriber::registry().with(filter);
    if log.json {
        registry.with(fmt::layer().json().flatten_event(true)).try_init()
    } else {
        let colours = std::io::IsTerminal::is_terminal(&std::io::stdout());
        registry.with(fmt::layer().with_ansi(colours)).try_init()
    }
    .context("logging cannot be started")
}
