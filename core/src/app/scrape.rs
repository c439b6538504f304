//! What `/metrics` shows.

use super::App;
use crate::infra::metrics::Backlogs;

impl App {
    /// Renders all metrics in Prometheus' text format. The caller knows whether NATS is connected, and a
    /// worker knows the backlogs.
    #[must_use]
    pub fn render_metrics(&self, is_nats_up: bool, backlogs: Option<&Backlogs>) -> String {
        let gauges = &self.metrics.gauges;
        for (name, is_up) in [
            ("postgres", self.health.postgres()),
            ("redis", self.cache.is_up()),
            ("nats", is_nats_up),
        ] {
            gauges.dependency_up.get_or_create(&[("dependency", name)]).set(is_up.into());
        }
        for (name, pool) in [("write", &self.write), ("read", &self.read)] {
            let idle = i64::try_from(pool.num_idle()).unwrap_or(i64::MAX);
            let used = i64::from(pool.size()).saturating_sub(idle);
            for (state, count) in [("idle", idle), ("used", used)] {
                gauges.connections.get_or_create(&[("pool", name), ("state", state)]).set(count);
            }
            let limit = pool.options().get_max_connections().into();
            gauges.connections_limit.get_or_create(&[("pool", name)]).set(limit);
        }
        self.metrics.render(backlogs)
    }
}
