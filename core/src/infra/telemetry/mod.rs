//! Logs and traces, without personal data or secrets (OWASP ASVS 5.0, 16.2.5) and without lines that a
//! client could forge (16.4.1).
//!
//! Logs go to standard output, as text or as JSON. Traces go to a collector, if `OTLP_ENDPOINT` names
//! one: a request and everything it causes are one trace, through relay, consumer and job to the mail
//! relay. Exported are Keyward's own spans of level `DEBUG`, whatever `LOG_FILTER` says; spans of level
//! `INFO` add their fields to log lines.

mod traces;

use std::time::Duration;

use anyhow::Context as _;
use json_subscriber::JsonLayer;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    fmt::{self, MakeWriter, time::SystemTime},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};
use url::Url;

use crate::settings::Log;
pub use traces::{failed, join};

/// Time to export the last spans at the end of the process.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// Exports the last spans when it is dropped, for at most two seconds.
#[derive(Debug)]
#[must_use = "dropping it ends the export of traces"]
pub struct Telemetry(Option<SdkTracerProvider>);

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = &self.0
            && let Err(error) = provider.shutdown_with_timeout(SHUTDOWN_TIMEOUT)
        {
            tracing::warn!(%error, "the last spans were not exported");
        }
    }
}

/// Starts logging to standard output for the rest of the process, and exporting traces as `service`
/// if there is a collector. Spans are dropped while the collector is unavailable; nothing waits for it.
///
/// # Errors
///
/// If `LOG_FILTER` is malformed, or logging has been started before.
pub fn start(service: &'static str, log: &Log, otlp: Option<&Url>) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::builder().parse(&log.filter).context("LOG_FILTER")?;
    let provider = otlp.map(|url| traces::provider(service, url)).transpose()?;
    let spans = provider.as_ref().map(traces::layer);
    let lines = if log.json {
        json(std::io::stdout).with_filter(filter).boxed()
    } else {
        let colours = std::io::IsTerminal::is_terminal(&std::io::stdout());
        fmt::layer().with_ansi(colours).with_filter(filter).boxed()
    };
    tracing_subscriber::registry()
        .with(lines)
        .with(spans)
        .try_init()
        .context("logging cannot be started")?;
    Ok(Telemetry(provider))
}

/// One JSON object per line: the event's fields, and in `span` those of the spans around it, where the
/// innermost span wins.
fn json<W>(writer: W) -> JsonLayer<Registry, W>
where
    W: for<'a> MakeWriter<'a> + 'static,
{
    let mut layer = JsonLayer::new(writer);
    layer
        .with_timer("timestamp", SystemTime)
        .with_level("level")
        .with_target("target")
        .with_flattened_span_fields("span")
        .with_flattened_event();
    layer
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::Value;

    use super::*;

    /// Collects what is written.
    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that some code logs.
    fn lines(log: impl FnOnce()) -> Vec<Value> {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let layer = json(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn line_has_the_fields_of_event_and_spans() {
        let lines = lines(|| {
            let request = tracing::info_span!(
                "request",
                request.id = "r-1",
                user.id = tracing::field::Empty,
                step = "outer"
            );
            let _request = request.enter();
            request.record("user.id", 7);
            let _inner = tracing::info_span!("inner", step = "inner").entered();
            tracing::info!(status = 200_u16, duration_ms = 1.5, is_new = true, "answered {}", 1);
        });

        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        for (name, value) in [("request.id", Value::from("r-1")), ("user.id", 7.into())] {
            assert_eq!(line["span"][name], value, "{name} in {line}");
        }
        assert_eq!(line["span"]["step"], "inner", "{line}");
        for (name, value) in [
            ("status", Value::from(200)),
            ("duration_ms", 1.5.into()),
            ("is_new", true.into()),
            ("message", "answered 1".into()),
            ("level", "INFO".into()),
            ("target", "keyward_core::infra::telemetry::tests".into()),
        ] {
            assert_eq!(line[name], value, "{name} in {line}");
        }
        let timestamp = line["timestamp"].as_str().unwrap();
        let parsed: chrono::DateTime<chrono::Utc> = timestamp.parse().unwrap();
        assert!(timestamp.ends_with('Z') && parsed.timestamp() > 1_700_000_000, "{timestamp}");
    }

    #[test]
    fn values_cannot_forge_a_line() {
        let forged = "x\"}\n{\"level\":\"ERROR\"\u{1b}[31m";

        let lines = lines(|| {
            let _span = tracing::info_span!("request", forged).entered();
            tracing::info!(forged, "said {forged}");
        });

        assert_eq!(lines.len(), 1);
        assert_eq!((&lines[0]["forged"], &lines[0]["level"]), (&forged.into(), &"INFO".into()));
        assert_eq!(lines[0]["span"]["forged"], forged);
    }
}
