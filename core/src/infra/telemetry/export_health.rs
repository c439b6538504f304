//! Logs when the export of spans begins to fail, and when it works again.

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

/// An exporter that logs changes of its health.
#[derive(Debug)]
pub(super) struct ExportHealth {
    exporter: SpanExporter,
    fails: AtomicBool,
}

impl ExportHealth {
    pub(super) fn new(exporter: SpanExporter) -> Self {
        Self { exporter, fails: AtomicBool::new(false) }
    }
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
