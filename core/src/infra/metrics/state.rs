//! What is read only when somebody asks: connections, cores, whether what we depend on is there.

use std::{
    fmt,
    sync::{PoisonError, RwLock},
};

use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, metrics::MetricType};
use sqlx::PgPool;

use crate::infra::passwords::Hasher;

type Gauge = Box<dyn Fn() -> i64 + Send + Sync>;

/// Gauges that ask for their value.
#[derive(Default)]
pub(super) struct State(RwLock<Vec<Family>>);

/// Gauges of one name, each with its labels.
struct Family {
    name: &'static str,
    help: &'static str,
    gauges: Vec<(Vec<(&'static str, &'static str)>, Gauge)>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

impl State {
    /// Shows a number. Gauges of one name belong together.
    fn add(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &'static str)],
        value: impl Fn() -> i64 + Send + Sync + 'static,
    ) {
        let gauge: (_, Gauge) = (labels.to_vec(), Box::new(value));
        let mut families = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match families.iter_mut().find(|family| family.name == name) {
            Some(family) => family.gauges.push(gauge),
            None => families.push(Family { name, help, gauges: vec![gauge] }),
        }
    }

    pub(super) fn add_dependency(
        &self,
        name: &'static str,
        is_up: impl Fn() -> bool + Send + Sync + 'static,
    ) {
        let help = "Whether something that this process depends on answered the last time: 1 or 0";
        self.add("dependency_up", help, &[("dependency", name)], move || is_up().into());
    }

    pub(super) fn add_pool(&self, name: &'static str, pool: &PgPool) {
        let help = "Connections to Postgres by pool (read or write) and state (idle or used)";
        let (idle, used, most) = (pool.clone(), pool.clone(), pool.clone());
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let labels = |state| [("pool", name), ("state", state)];
        self.add("postgres_connections", help, &labels("idle"), move || number(idle.num_idle()));
        self.add("postgres_connections", help, &labels("used"), move || {
            i64::from(used.size()).saturating_sub(number(used.num_idle()))
        });
        let help = "Connections to Postgres that a pool may have (DATABASE_POOL_SIZE)";
        self.add("postgres_connections_limit", help, &[("pool", name)], move || {
            most.options().get_max_connections().into()
        });
    }

    pub(super) fn add_hasher(&self, hasher: &Hasher) {
        let (running, waiting) = (hasher.clone(), hasher.clone());
        let help = "Passwords that keep a core busy";
        self.add("argon2_running", help, &[], move || running.load().0);
        let help = "Passwords that wait for a core; more than ARGON2_QUEUE are shed";
        self.add("argon2_waiting", help, &[], move || waiting.load().1);
    }
}

impl Collector for State {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for family in self.0.read().unwrap_or_else(PoisonError::into_inner).iter() {
            let mut metric =
                encoder.encode_descriptor(family.name, family.help, None, MetricType::Gauge)?;
            for (labels, value) in &family.gauges {
                metric.encode_family(labels)?.encode_gauge(&value())?;
            }
        }
        Ok(())
    }
}
