//! Kinds of metrics that several tables use.

use prometheus_client::metrics::{
    counter::Counter, family::Family, gauge::Gauge, histogram::Histogram,
};

/// Histogram buckets for durations between a millisecond and ten seconds.
const SECONDS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

pub(super) fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

/// Names and values of labels.
pub type Labels<const N: usize> = [(&'static str, &'static str); N];
/// A counter for each combination of labels.
pub(super) type Counters<const N: usize> = Family<Labels<N>, Counter>;

/// Counters by one label. Its values are shown from the start, so that the first of each shows as an
/// increase.
pub(super) fn counters_by(label: &'static str, values: &[&'static str]) -> Counters<1> {
    let counters = Counters::default();
    for value in values {
        drop(counters.get_or_create(&[(label, *value)]));
    }
    counters
}

/// Work in progress. A gauge counts it until it is dropped, even if its caller is gone.
#[derive(Debug)]
pub struct InProgress(Gauge);

impl InProgress {
    pub(crate) fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.dec();
    }
}
