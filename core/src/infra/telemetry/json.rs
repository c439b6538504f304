//! One flat JSON object per line: what the event says, and what the spans around it say, the
//! innermost last. `request.id` becomes `request_id`: a name that collectors can ask for.

use std::fmt;

use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::{JsonFields, Writer},
        time::{FormatTime as _, SystemTime},
    },
    registry::LookupSpan,
};

/// How the fields of spans are kept until a line needs them.
pub(super) fn fields() -> JsonFields {
    JsonFields::new()
}

/// Writes events as lines.
pub(super) struct Lines;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Line::default();
        for span in context.event_scope().into_iter().flat_map(|spans| spans.from_root()) {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>()
                && let Ok(Value::Object(fields)) = serde_json::from_str(fields)
            {
                fields.into_iter().for_each(|(name, value)| line.put(&name, value));
            }
        }
        event.record(&mut line);
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        line.put("timestamp", time.into());
        line.put("level", event.metadata().level().as_str().into());
        // What comes from the `log` crate brings its own.
        if !line.0.contains_key("log_target") {
            line.put("target", event.metadata().target().into());
        }
        let text = serde_json::to_string(&line.0).map_err(|_| fmt::Error)?;
        writer.write_str(&text)?;
        writer.write_char('\n')
    }
}

#[derive(Default)]
struct Line(Map<String, Value>);

impl Line {
    fn put(&mut self, name: &str, value: Value) {
        // What spans say to a collector of traces only.
        if !name.starts_with("otel.") {
            self.0.insert(name.trim_start_matches("r#").replace('.', "_"), value);
        }
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::{fmt, layer::SubscriberExt as _};

    use super::*;

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that come of some code.
    fn lines(log: impl FnOnce()) -> Vec<Value> {
        let paper = Paper::default();
        let writer = paper.clone();
        let layer = fmt::layer()
            .fmt_fields(fields())
            .event_format(Lines)
            .with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
        let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_says_what_the_spans_around_it_say_the_innermost_last() {
        let lines = lines(|| {
            let request = tracing::info_span!(
                "request",
                request.id = "r-1",
                user.id = tracing::field::Empty,
                step = "outer"
            );
            let _request = request.enter();
            request.record("user.id", 7);
            let _inner =
                tracing::info_span!("inner", step = "inner", otel.kind = "server").entered();
            tracing::info!(status = 200_u16, duration_ms = 1.5, is_new = true, "answered {}", 1);
        });

        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        for (name, value) in [
            ("request_id", Value::from("r-1")),
            ("user_id", 7.into()),
            ("step", "inner".into()),
            ("status", 200.into()),
            ("duration_ms", 1.5.into()),
            ("is_new", true.into()),
            ("message", "answered 1".into()),
            ("level", "INFO".into()),
            ("target", "crate::infra::telemetry::json::tests".into()),
        ] {
            assert_eq!(line[name], value, "{name} in {line}");
        }
        assert!(line.get("otel_kind").is_none(), "{line}");
    }

    #[test]
    fn nobody_can_write_a_line_of_his_own() {
        let forged = "x\"}\n{\"level\":\"ERROR\"";

        let lines = lines(|| tracing::info!(forged, "said {forged}"));

        assert_eq!(lines.len(), 1);
        assert_eq!((&lines[0]["forged"], &lines[0]["level"]), (&forged.into(), &"INFO".into()));
    }
}
