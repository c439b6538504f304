//! Gauges that are read on scrape only.

use std::{
    fmt,
    sync::{PoisonError, RwLock},
};

use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, metrics::MetricType};

type Gauge = Box<dyn Fn() -> i64 + Send + Sync>;

/// Gauges that are read on scrape only.
#[derive(Default)]
pub(super) struct Gauges(RwLock<Vec<Family>>);

/// Gauges of one name, each with its labels.
struct Family {
    name: &'static str,
    help: &'static str,
    gauges: Vec<(Vec<(&'static str, &'static str)>, Gauge)>,
}

impl fmt::Debug for Gauges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gauges").finish_non_exhaustive()
    }
}

impl Gauges {
    pub(super) fn add(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &'static str)],
        value: Gauge,
    ) {
        let gauge = (labels.to_vec(), value);
        let mut families = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match families.iter_mut().find(|family| family.name == name) {
            Some(family) => family.gauges.push(gauge),
            None => families.push(Family { name, help, gauges: vec![gauge] }),
        }
    }
}

impl Collector for Gauges {
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
