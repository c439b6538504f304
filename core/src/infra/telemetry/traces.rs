//! Export of traces (OpenTelemetry, OTLP over HTTP, protobuf).

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::Context as _;
use opentelemetry::{
    Context, KeyValue,
    trace::{Status, TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanData, SpanExporter as Export,
    },
};
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};
use url::Url;

use crate::origin::{Trace, parse_traceparent, traceparent_of};

/// Maximum number of queued spans; further ones are dropped.
const MAX_QUEUED: usize = 8_192;
/// Timeout of one export.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// Makes a provider that exports spans on a thread of its own.
///
/// # Errors
///
/// If the HTTP client cannot be made, which is a defect.
pub(super) fn provider(
    service: &'static str,
    collector: &Url,
) -> anyhow::Result<SdkTracerProvider> {
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
    let exporter = ExportHealth { exporter, fails: AtomicBool::new(false) };
    let batches = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_service_name(service).with_attribute(version).build();
    let provider = SdkTracerProvider::builder().with_span_processor(batches);
    Ok(provider.with_resource(resource).build())
}

/// The layer that exports Keyward's spans of level `DEBUG`.
pub(super) fn layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("keyward"))
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

/// Logs when the export of spans begins to fail, and when it works again.
#[derive(Debug)]
struct ExportHealth {
    exporter: SpanExporter,
    fails: AtomicBool,
}

impl Export for ExportHealth {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        let failed_before = self.fails.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Err(error) if !failed_before => {
                tracing::warn!(%error, "trace collector unavailable: spans are dropped until it is back");
            }
            Ok(()) if failed_before => tracing::info!("trace collector available again"),
            _ => {}
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

/// Makes a span part of the trace of `parent` (a `traceparent`), or the root of a new trace, and sets
/// `trace.traceparent` to this span. Without a collector it does nothing. Call it before the span is
/// entered.
pub fn join(span: &Span, parent: Option<&str>, trace: &mut Trace) {
    if let Some(parent) = parent.and_then(parse_traceparent) {
        // Fails without a collector, which is fine.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
    let context = span.context();
    let own = context.span().span_context().clone();
    if own.is_valid() {
        trace.traceparent = traceparent_of(&own);
    }
}

/// Marks a span as failed. The log has the reason.
pub fn failed(span: &Span) {
    span.set_status(Status::error(""));
}
