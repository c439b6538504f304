//! Requests: number, outcome, duration.

use std::{sync::Arc, time::Duration};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
};

use super::families::{InProgress, seconds};

metrics! {
    /// Requests to the API.
    pub struct HttpMetrics {
        /// Requests by route template, method and status; unknown paths have the route -
        requests: Family<Response, Counter> = "http_requests";
        /// Time from the head of a request to the head of its response
        seconds: Family<Request, Histogram, fn() -> Histogram> = "http_request_duration_seconds",
            Family::new_with_constructor(seconds as fn() -> Histogram);
        /// Requests being processed
        in_flight: Gauge = "http_requests_in_flight";
    }
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

impl HttpMetrics {
    /// Counts a request as in flight until the returned guard is dropped.
    #[must_use]
    pub fn begun(&self) -> InProgress {
        InProgress::new(&self.in_flight)
    }

    /// Records a response. `route` is a template, never a path.
    pub fn answered(&self, route: Arc<str>, method: &'static str, status: u16, took: Duration) {
        let request = Request { route, method };
        self.seconds.get_or_create(&request).observe(took.as_secs_f64());
        let response = Response { route: request.route, method, status };
        self.requests.get_or_create(&response).inc();
    }
}
