//! Requests: number, outcome, duration.

use std::{sync::Arc, time::Duration};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{register, seconds};

/// Requests to the API.
#[derive(Debug)]
pub struct Http {
    requests: Family<Response, Counter>,
    seconds: Family<Request, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Response {
    route: Arc<str>,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    route: Arc<str>,
    method: &'static str,
}

impl Http {
    pub(super) fn new(to: &mut Registry) -> Self {
        let help = "Requests by route template, method and status; unknown paths have the route -";
        let requests = register(to, "http_requests", help, Family::default());
        let help = "Time from the head of a request to the head of its response";
        let durations = Family::new_with_constructor(seconds as fn() -> Histogram);
        let seconds = register(to, "http_request_duration_seconds", help, durations);
        let help = "Requests being processed";
        let in_flight = register(to, "http_requests_in_flight", help, Gauge::default());
        Self { requests, seconds, in_flight }
    }

    /// Counts a request as in flight until the returned guard is dropped.
    #[must_use]
    pub fn begun(&self) -> UnderWay {
        self.in_flight.inc();
        UnderWay(self.in_flight.clone())
    }

    /// Records a response. `route` is a template, never a path.
    pub fn answered(&self, route: Arc<str>, method: &'static str, status: u16, took: Duration) {
        let request = Request { route, method };
        self.seconds.get_or_create(&request).observe(took.as_secs_f64());
        let response = Response { route: request.route, method, status };
        self.requests.get_or_create(&response).inc();
    }
}

/// A request in flight, even if its client disconnects.
#[derive(Debug)]
pub struct UnderWay(Gauge);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}
