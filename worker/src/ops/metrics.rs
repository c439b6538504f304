//! `/metrics`. What waits (outbox, stream, queues, mails) comes from the census that is taken every
//! few seconds anyway; whoever looks costs Postgres nothing.

use std::sync::Arc;

use chrono::TimeDelta;
use keyward_core::{
    App,
    infra::metrics::{Metrics, QueueState, Snapshot},
};
use poem::{Response, RouteMethod, get, handler, web::Data};

use crate::ops::board::{Census, Lookout};

/// An older census says nothing about now.
const GOOD_FOR: TimeDelta = TimeDelta::seconds(60);

/// Answers with all numbers. Whoever gets here may see them.
pub(crate) fn endpoint() -> RouteMethod {
    get(metrics)
}

#[handler]
fn metrics(app: Data<&App>, lookout: Data<&Lookout>) -> Response {
    let census = lookout.latest();
    let is_known = |census: &Arc<Census>| {
        app.health.postgres() && app.clock.now() - census.backlog.now < GOOD_FOR
    };
    let census = census.filter(is_known);
    app.metrics.work.show_snapshot(census.map(|census| snapshot(&census)));
    Response::builder().content_type(Metrics::CONTENT_TYPE).body(app.metrics.render())
}

fn snapshot(census: &Census) -> Snapshot {
    let states = |queue: &crate::ops::board::QueueCensus| {
        let jobs = &queue.jobs;
        let oldest_s = jobs.oldest_waiting_s.unwrap_or_default().max(0.0);
        [
            ("waiting", jobs.waiting, oldest_s),
            ("scheduled", jobs.scheduled, 0.0),
            ("running", jobs.running, 0.0),
            ("dead", jobs.dead, 0.0),
        ]
        .map(|(state, jobs, oldest_s)| QueueState {
            queue: queue.name.to_owned(),
            state: state.to_owned(),
            jobs,
            oldest_s,
        })
    };
    let backlog = &census.backlog;
    let of_stream = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    Snapshot {
        queues: census.queues.iter().flat_map(states).collect(),
        outbox_waiting: backlog.unpublished,
        outbox_oldest_s: backlog.oldest_unpublished_s.unwrap_or_default(),
        is_stream_writable: backlog.unwritable_since.is_none(),
        consumer_pending: census.stream.map(|lag| of_stream(lag.pending)),
        consumer_unacknowledged: census.stream.map(|lag| of_stream(lag.unacknowledged)),
        mails: backlog.mails.iter().map(|(state, count)| (state.clone(), *count)).collect(),
        unreadable_events: backlog.dead_letters,
    }
}
