//! Requests: how many, how they ended, how long they took.

use std::{sync::Arc, time::Duration};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::seconds;

/// Requests of the API.
#[derive(Debug)]
pub struct Http {
    requests: Family<Answered, Counter>,
    seconds: Family<Asked, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    route: Arc<str>,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    route: Arc<str>,
    method: &'static str,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(seconds),
            in_flight: Gauge::default(),
        }
    }
}

impl Http {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "http_requests",
            "Requests by route template, method and status; unknown paths are the route -",
            self.requests.clone(),
        );
        registry.register(
            "http_request_duration_seconds",
            "Time from the head of a request to the head of its answer",
            self.seconds.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "Requests that are being answered",
            self.in_flight.clone(),
        );
    }

    /// A request has come; it is under way until what is returned is dropped.
    #[must_use]
    pub fn begun(&self) -> UnderWay {
        self.in_flight.inc();
        UnderWay(self.in_flight.clone())
    }

    /// A request was answered. `route` is a template, never a path.
    pub fn answered(&self, route: Arc<str>, method: &'static str, status: u16, took: Duration) {
        let asked = Asked { route, method };
        self.seconds.get_or_create(&asked).observe(took.as_secs_f64());
        let answered = Answered { route: asked.route, method, status };
        self.requests.get_or_create(&answered).inc();
    }
}

/// A request under way, also if whoever asked hangs up.
#[derive(Debug)]
pub struct UnderWay(Gauge);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}
