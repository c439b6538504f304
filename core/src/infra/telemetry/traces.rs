//! Traces to a collector (OpenTelemetry, OTLP over HTTP, protobuf).

use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::{
    Context, KeyValue,
    trace::{
        SpanContext, SpanId, Status, TraceContextExt as _, TraceFlags, TraceId, TraceState,
        TracerProvider as _,
    },
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider},
};
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};
use url::Url;

use super::told::Told;
use crate::origin::{SpanName, Trace};

/// Spans that wait for the collector at most; more are forgotten.
const MAX_WAITING: usize = 8_192;
/// For so long the collector may take for what it is sent.
const TIMEOUT: Duration = Duration::from_secs(5);
/// For so long the end of the process may be put off to send what is left.
const KEEPALIVE_GRACE: Duration = Duration::from_secs(2);

/// Sends spans, on a thread of its own.
#[derive(Debug)]
pub(super) struct Exporter(SdkTracerProvider);

impl Exporter {
    /// # Errors
    ///
    /// If there is no way to make connections, which is a defect.
    pub(super) fn new(service: &'static str, collector: &Url) -> anyhow::Result<Self> {
        let endpoint = format!("{}/v1/traces", collector.as_str().trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .with_timeout(TIMEOUT)
            .build()
            .context("OTLP_ENDPOINT")?;
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(MAX_WAITING)
            .with_scheduled_delay(Duration::from_secs(1))
            .build();
        let batches =
            BatchSpanProcessor::builder(Told::new(exporter)).with_batch_config(config).build();
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource =
            Resource::builder().with_service_name(service).with_attribute(version).build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(batches)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// What turns our spans into theirs: those at the level `DEBUG`. Those at `INFO` say what lines of
    /// the log have in common, and stay in the log, as the lines do.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("keyward"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|metadata| {
                metadata.is_span()
                    && *metadata.level() == Level::DEBUG
                    && metadata.target().starts_with("keyward")
            }))
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(KEEPALIVE_GRACE) {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// Makes a span part of the trace that `parent` (a `traceparent`) names, or the first one of a trace
/// of its own; `trace` then names this span, as the parent of what follows from it. Without a
/// collector nothing happens.
///
/// Call it before the span is entered.
pub fn join(span: &Span, parent: Option<&str>, trace: &mut Trace) {
    if let Some(parent) = parent.and_then(remote) {
        // Fails without a collector, and then there is nothing to do.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
    let context = span.context();
    let own = context.span().span_context().clone();
    if own.is_valid() {
        let (trace_id, span_id) = (own.trace_id(), own.span_id());
        trace.traceparent = format!("00-{trace_id}-{span_id}-{:02x}", own.trace_flags().to_u8());
    }
}

fn remote(traceparent: &str) -> Option<SpanContext> {
    let SpanName { trace_id, span_id, flags } = SpanName::parse(traceparent)?;
    Some(SpanContext::new(
        TraceId::from_hex(trace_id).ok()?,
        SpanId::from_hex(span_id).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?),
        true,
        TraceState::default(),
    ))
}

/// Marks a span as failed. Why stands in the log.
pub fn failed(span: &Span) {
    span.set_status(Status::error(""));
}
