//! Connections, dependencies.

use prometheus_client::metrics::{family::Family, gauge::Gauge};

use super::families::Labels;

metrics! {
    /// Gauges that are set on every scrape.
    pub(crate) struct Gauges {
        /// Whether a dependency answered the last check: 1 or 0
        pub(crate) dependency_up: Family<Labels<1>, Gauge> = "dependency_up";
        /// Connections to Postgres by pool (read or write) and state (idle or used)
        pub(crate) connections: Family<Labels<2>, Gauge> = "postgres_connections";
        /// Maximum number of connections to Postgres by pool (DATABASE_POOL_SIZE)
        pub(crate) connections_limit: Family<Labels<1>, Gauge> = "postgres_connections_limit";
    }
}
