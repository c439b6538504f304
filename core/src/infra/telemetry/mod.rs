//! Logs and traces: what happened, and what belonged together; no personal data, no secrets (OWASP
//! ASVS 5.0, 16.2.5), and no line that somebody else has written (16.4.1).
//!
//! A log has one line per thing that happened, for people or as JSON. Traces go to a collector, if
//! `OTLP_ENDPOINT` names one: everything a request sets off is one trace, from the request through
//! relay, consumer and job to the mail relay. Exported are our own spans at the level `DEBUG`, whatever
//! `LOG_FILTER` says; spans at the level `INFO` are for the log.

mod json;
mod told;
mod traces;

use anyhow::Context as _;
use tracing_subscriber::{
    EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};
use url::Url;

use crate::settings::Log;
use traces::Exporter;
pub use traces::{failed, join};

/// What must be ended with the process, or the last spans are lost: dropping it sends them, for two
/// seconds at most.
#[derive(Debug)]
#[must_use = "dropping it ends the export of traces"]
pub struct Telemetry(#[expect(dead_code, reason = "works by being dropped")] Option<Exporter>);

/// Starts logging to standard output for the rest of the process, and exporting traces in the name
/// of `service` if there is a collector. The collector need not be there: what cannot be sent is
/// forgotten, and nothing waits for it.
///
/// # Errors
///
/// If `LOG_FILTER` is malformed, or logging was started before.
pub fn start(service: &'static str, log: &Log, otlp: Option<&Url>) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::builder().parse(&log.filter).context("LOG_FILTER")?;
    let exporter = otlp.map(|url| Exporter::new(service, url)).transpose()?;
    let spans = exporter.as_ref().map(Exporter::layer);
    let lines = if log.json {
        fmt::layer()
            .fmt_fields(json::fields())
            .event_format(json::Lines)
            .with_filter(filter)
            .boxed()
    } else {
        let colours = std::io::IsTerminal::is_terminal(&std::io::stdout());
        fmt::layer().with_ansi(colours).with_filter(filter).boxed()
    };
    tracing_subscriber::registry()
        .with(lines)
        .with(spans)
        .try_init()
        .context("logging cannot be started")?;
    Ok(Telemetry(exporter))
}
