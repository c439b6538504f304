//! Export of traces (OpenTelemetry, OTLP over HTTP, protobuf).

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

use super::export_health::ExportHealth;
use crate::origin::{SpanName, Trace};

/// Maximum number of queued spans; further ones are dropped.
const MAX_QUEUED: usize = 8_192;
/// Timeout of one export.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time to export the last spans at the end of the process.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// Exports spans on a thread of its own.
#[derive(Debug)]
pub(super) struct Exporter(SdkTracerProvider);

impl Exporter {
    /// # Errors
    ///
    /// If the HTTP client cannot be made, which is a defect.
    pub(super) fn new(service: &'static str, collector: &Url) -> anyhow::Result<Self> {
        let endpoint = format!("{}/v1/traces", collector.as_str().trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .context("OTLP_ENDPOINT")?;
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(MAX_QUEUED)
            .with_scheduled_delay(Duration::from_secs(1))
            .build();
        let batches = BatchSpanProcessor::builder(ExportHealth::new(exporter))
            .with_batch_config(config)
            .build();
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource =
            Resource::builder().with_service_name(service).with_attribute(version).build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(batches)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// The layer that exports Keyward's spans of level `DEBUG`.
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
        if let Err(error) = self.0.shutdown_with_timeout(SHUTDOWN_TIMEOUT) {
            tracing::warn!(%error, "the last spans were not exported");
        }
    }
}

/// Makes a span part of the trace of `parent` (a `traceparent`), or the root of a new trace, and sets
/// `trace.traceparent` to this span. Without a collector it does nothing. Call it before the span is
/// entered.
pub fn join(span: &Span, parent: Option<&str>, trace: &mut Trace) {
    if let Some(parent) = parent.and_then(remote) {
        // Fails without a collector, which is fine.
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

/// Marks a span as failed. The log has the reason.
pub fn failed(span: &Span) {
    span.set_status(Status::error(""));
}
