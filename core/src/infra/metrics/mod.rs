//! THE catalogue of metrics.
//!
//! All values are in base units (seconds, bytes). Names begin with `keyward_`, counters end with
//! `_total`. Labels have few values, all known in advance: route templates, names of commands and
//! queues, codes; never an id, an address or anything else a client can choose.
//!
//! | metrics of | module |
//! |---|---|
//! | requests | `http` |
//! | commands, passwords, cache, rate limits, reports about emails | `product` |
//! | connections, dependencies | `gauges` |
//! | relay, consumer, emails, webhooks | `work` |
//! | jobs | `jobs` |
//! | backlogs: outbox, stream, queues, email ledger | `backlogs` |
//! | the process itself, as `process_…` | `process` |
//!
//! Counting costs two hash table look-ups and an atomic addition. `gauges` are set on scrape only.

#[macro_use]
mod macros;
mod backlogs;
mod durations;
mod families;
mod gauges;
mod http;
mod jobs;
mod process;
mod product;
mod work;

use std::sync::atomic::{AtomicBool, Ordering};

use prometheus_client::{encoding::prometheus_text, metrics::info::Info, registry::Registry};

pub use backlogs::Backlogs;
pub use durations::DURATION_BUCKETS_S;
pub use families::{InProgress, Labels};
pub(crate) use gauges::Gauges;
pub use http::HttpMetrics;
pub use jobs::{JobMetrics, JobTotals};
use process::Process;
pub(crate) use product::Product;
pub use work::Work;

/// The metrics of one process. Those of other kinds of processes are hidden: see
/// [`show_http`](Self::show_http) and [`show_work`](Self::show_work).
#[derive(Debug)]
pub struct Metrics {
    start_time_s: f64,
    shows_http: AtomicBool,
    shows_work: AtomicBool,
    /// Requests.
    pub http: HttpMetrics,
    /// Metrics of a worker, jobs excepted.
    pub work: Work,
    /// Metrics of jobs.
    pub jobs: JobMetrics,
    pub(crate) product: Product,
    pub(crate) gauges: Gauges,
}

impl Metrics {
    /// The media type of [`App::render_metrics`](crate::App::render_metrics).
    pub const CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    pub(crate) fn new() -> Self {
        Self {
            start_time_s: process::now_s(),
            shows_http: AtomicBool::new(false),
            shows_work: AtomicBool::new(false),
            http: HttpMetrics::default(),
            work: Work::default(),
            jobs: JobMetrics::default(),
            product: Product::default(),
            gauges: Gauges::default(),
        }
    }

    /// Counts a report about an email: `bounced`, `complained`, `ignored` or `forged`.
    pub fn mail_report(&self, outcome: &'static str) {
        self.product.reported(outcome);
    }

    /// Shows the metrics of requests.
    pub fn show_http(&self) {
        self.shows_http.store(true, Ordering::Relaxed);
    }

    /// Shows the metrics of a worker. `kinds` are all kinds of jobs, each with its queue.
    pub fn show_work(&self, kinds: impl Iterator<Item = (&'static str, &'static str)>) {
        self.jobs.expect(kinds);
        self.shows_work.store(true, Ordering::Relaxed);
    }

    /// Renders all metrics in Prometheus' text format. The caller has set the gauges.
    pub(crate) fn render(&self, backlogs: Option<&Backlogs>) -> String {
        let mut registry = Registry::default();
        Process::read(self.start_time_s).register(&mut registry);
        let ours = registry.sub_registry_with_prefix("keyward");
        ours.register("build", "Version", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        self.product.register(ours);
        self.gauges.register(ours);
        if self.shows_http.load(Ordering::Relaxed) {
            self.http.register(ours);
        }
        if self.shows_work.load(Ordering::Relaxed) {
            self.work.register(ours);
            self.jobs.register(ours);
        }
        if let Some(backlogs) = backlogs {
            backlogs.register(ours);
        }
        let mut text = String::with_capacity(64 * 1024);
        if let Err(error) = prometheus_text::encode(&mut text, &registry) {
            tracing::error!(%error, "a defect: metrics cannot be encoded");
        }
        text
    }
}
