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
            let idle = pool.num_idle();
            let used = pool.size().saturating_sub(idle);
            for (state, count) in [("idle", idle), ("used", used)] {
                let gauge = gauges.connections.get_or_create(&[("pool", name), ("state", state)]);
                gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
            }
            gauges.connections_limit.get_or_create(&[("pool", name)]).set(pool.max().into());
        }
        self.metrics.render(backlogs)
    }
}
