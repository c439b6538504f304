//! THE catalogue of metrics.
//!
//! All values are in base units (seconds, bytes). Names begin with `keyward_`, counters end with
//! `_total`. Labels have few values, all known in advance: route templates, names of commands and
//! queues, codes; never an id, an address or anything else a client can choose.
//!
//! | metrics of | module |
//! |---|---|
//! | requests | `http` |
//! | commands, passwords, cache, rate limits | `product` |
//! | connections, queues in memory, dependencies | `gauges` |
//! | relay, consumer, jobs, emails, webhooks | `work` |
//! | backlogs: outbox, stream, queues, email ledger | `snapshot` |
//! | the process itself, as `process_…` | `process` |
//!
//! Counting costs two hash table look-ups and an atomic addition. `gauges` are read on scrape only.

mod durations;
mod gauges;
mod http;
mod process;
mod product;
mod snapshot;
mod work;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use prometheus_client::{
    encoding::prometheus_text,
    metrics::{histogram::Histogram, info::Info},
    registry::{Metric, Registry},
};

pub use durations::DURATION_BUCKETS_S;
use gauges::Gauges;
pub use http::Http;
use process::Process;
pub(crate) use product::{CacheResult, Product};
pub use snapshot::{KindState, Snapshot};
pub use work::{JobTotals, Work};

/// The metrics of one process. Those of other kinds of processes are hidden: see
/// [`show_http`](Self::show_http) and [`show_work`](Self::show_work).
#[derive(Debug)]
pub struct Metrics {
    common: Registry,
    http_registry: Registry,
    work_registry: Registry,
    shows_http: AtomicBool,
    shows_work: AtomicBool,
    gauges: Arc<Gauges>,
    /// Requests.
    pub http: Http,
    /// Metrics of a worker.
    pub work: Work,
    pub(crate) product: Product,
}

/// Prefix of all metrics but those of the process.
const PREFIX: &str = "keyward";

/// Histogram buckets for durations between a millisecond and ten seconds.
const SECONDS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

/// Registers a metric and returns it.
fn register<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}

impl Metrics {
    /// The media type of [`render`](Self::render).
    pub const CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    pub(crate) fn new() -> Self {
        let mut common = Registry::default();
        common.register_collector(Box::new(Process::new()));
        let ours = common.sub_registry_with_prefix(PREFIX);
        ours.register("build", "Version", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        let product = Product::new(ours);
        let gauges = Arc::<Gauges>::default();
        ours.register_collector(Box::new(Arc::clone(&gauges)));
        let mut http_registry = Registry::with_prefix(PREFIX);
        let mut work_registry = Registry::with_prefix(PREFIX);
        Self {
            http: Http::new(&mut http_registry),
            work: Work::new(&mut work_registry),
            common,
            http_registry,
            work_registry,
            shows_http: AtomicBool::new(false),
            shows_work: AtomicBool::new(false),
            gauges,
            product,
        }
    }

    /// Shows the metrics of requests.
    pub fn show_http(&self) {
        self.shows_http.store(true, Ordering::Relaxed);
    }

    /// Shows the metrics of a worker. `kinds` are all kinds of jobs, each with its queue.
    pub fn show_work(&self, kinds: impl Iterator<Item = (&'static str, &'static str)>) {
        self.work.expect(kinds);
        self.shows_work.store(true, Ordering::Relaxed);
    }

    /// Shows whether a dependency is available. `is_up` is called on every scrape and must not block.
    pub fn show_dependency(
        &self,
        name: &'static str,
        is_up: impl Fn() -> bool + Send + Sync + 'static,
    ) {
        let help = "Whether a dependency answered the last check: 1 or 0";
        self.show("dependency_up", help, &[("dependency", name)], move || is_up().into());
    }

    /// Shows a value, which is read on every scrape. Gauges of one name form a family.
    pub(crate) fn show(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &'static str)],
        value: impl Fn() -> i64 + Send + Sync + 'static,
    ) {
        self.gauges.add(name, help, labels, Box::new(value));
    }

    /// Renders all metrics in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        let registries = [
            (true, &self.common),
            (self.shows_http.load(Ordering::Relaxed), &self.http_registry),
            (self.shows_work.load(Ordering::Relaxed), &self.work_registry),
        ];
        let mut text = String::with_capacity(64 * 1024);
        for (_, registry) in registries.into_iter().filter(|(is_shown, _)| *is_shown) {
            if let Err(error) = prometheus_text::encode(&mut text, registry) {
                tracing::error!(%error, "a defect: metrics cannot be encoded");
            }
        }
        text
    }
}
