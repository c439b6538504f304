//! Says it once when the collector stops taking spans, and once when it takes them again.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter as Export},
};

/// An exporter that tells the log how it fares.
#[derive(Debug)]
pub(super) struct Told {
    exporter: SpanExporter,
    fails: AtomicBool,
}

impl Told {
    pub(super) fn new(exporter: SpanExporter) -> Self {
        Self { exporter, fails: AtomicBool::new(false) }
    }
}

impl Export for Told {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        let failed_before = self.fails.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Err(error) if !failed_before => {
                tracing::warn!(%error, "the collector takes no spans: they are forgotten until it does");
            }
            Ok(()) if failed_before => tracing::info!("the collector takes spans again"),
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
