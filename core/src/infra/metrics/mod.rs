//! Numbers for whoever looks after an installation: THE catalogue of what is counted and measured.
//!
//! Everything is in base units (seconds, bytes) and named `keyward_…`, counters `…_total`. Labels
//! come from small sets that we know: route templates, names of commands and queues, codes; never an
//! id, an address or anything else that a client may choose.
//!
//! | what | where |
//! |---|---|
//! | requests | `http` |
//! | commands, passwords, cache, limits | `product` |
//! | connections, queues in memory, what we depend on | `state` |
//! | relay, consumer, jobs, mails, webhooks | `work` |
//! | what waits: outbox, stream, queues, ledger of mails | `snapshot` |
//! | the process itself, as `process_…` | `process` |
//!
//! Counting costs two look-ups in a hash table and an atomic addition. What is only read when
//! somebody asks (connections, queues in memory) costs nothing in between.

mod http;
mod process;
mod product;
mod snapshot;
mod state;
mod work;

use std::sync::{Arc, PoisonError, RwLock};

use prometheus_client::{
    encoding::prometheus_text,
    metrics::{histogram::Histogram, info::Info},
    registry::Registry,
};
use sqlx::PgPool;

use crate::infra::{cache::Cache, health::Health, passwords::Hasher};
pub use http::Http;
use process::Process;
pub(crate) use product::{CacheResult, Product};
pub use snapshot::{QueueState, Snapshot};
use state::State;
pub use work::Work;

/// Counters and measurements of one process. What another kind of process counts is not shown: see
/// [`show_http`](Self::show_http) and [`show_work`](Self::show_work).
#[derive(Debug)]
pub struct Metrics {
    registry: RwLock<Registry>,
    state: Arc<State>,
    /// Requests.
    pub http: Http,
    /// What a worker does.
    pub work: Work,
    pub(crate) product: Product,
}

/// What the names of our own numbers begin with.
const PREFIX: &str = "keyward";

/// Bounds of what takes from a millisecond to ten seconds.
const SECONDS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

impl Metrics {
    /// The media type of [`render`](Self::render).
    pub const CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    pub(crate) fn new() -> Self {
        let (state, product) = (Arc::<State>::default(), Product::default());
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process::new()));
        let ours = registry.sub_registry_with_prefix(PREFIX);
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        ours.register("build", "Which Keyward this is", version);
        product.register(ours);
        ours.register_collector(Box::new(Arc::clone(&state)));
        Self {
            registry: RwLock::new(registry),
            state,
            http: Http::default(),
            work: Work::default(),
            product,
        }
    }

    /// Shows the numbers of requests, too.
    pub fn show_http(&self) {
        self.register(|registry| self.http.register(registry));
    }

    /// Shows the numbers of a worker, too. `queues` are the names of all queues.
    pub fn show_work(&self, queues: &[&'static str]) {
        self.register(|registry| self.work.register(registry, queues));
    }

    /// Shows whether something is there that this process depends on; `is_up` is asked whenever
    /// somebody looks, so it must be quick.
    pub fn show_dependency(
        &self,
        name: &'static str,
        is_up: impl Fn() -> bool + Send + Sync + 'static,
    ) {
        self.state.add_dependency(name, is_up);
    }

    fn register(&self, register: impl FnOnce(&mut Registry)) {
        let mut registry = self.registry.write().unwrap_or_else(PoisonError::into_inner);
        register(registry.sub_registry_with_prefix(PREFIX));
    }

    /// Shows the state of what every process has.
    pub(crate) fn show_app(
        &self,
        write: &PgPool,
        read: &PgPool,
        hasher: &Hasher,
        health: &Health,
        cache: &Cache,
    ) {
        self.state.add_pool("write", write);
        self.state.add_pool("read", read);
        self.state.add_hasher(hasher);
        let (postgres, redis) = (health.clone(), cache.clone());
        self.show_dependency("postgres", move || postgres.postgres());
        self.show_dependency("redis", move || redis.is_up());
    }

    /// All numbers in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        let registry = self.registry.read().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::with_capacity(64 * 1024);
        if let Err(error) = prometheus_text::encode(&mut text, &registry) {
            tracing::error!(%error, "a defect: the metrics cannot be written");
        }
        text
    }
}
