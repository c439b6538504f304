//! `/metrics`. The state of outbox, stream, queues and emails comes from the latest snapshot, so a
//! scrape costs Postgres nothing.

use chrono::TimeDelta;
use keyward_core::{
    App,
    infra::metrics::{KindState, Metrics, Snapshot},
};
use poem::{Response, RouteMethod, get, handler, web::Data};

use super::{
    JobState,
    sampler::Sampler,
    snapshot::{KindSnapshot, QueueSnapshot},
};

/// An older snapshot is not exported.
const MAX_AGE: TimeDelta = TimeDelta::seconds(60);

/// Exports all metrics; the caller has been admitted.
pub(crate) fn endpoint() -> RouteMethod {
    get(metrics)
}

#[handler]
fn metrics(app: Data<&App>, sampler: Data<&Sampler>) -> Response {
    let snapshot = sampler.latest().filter(|snapshot| {
        app.health.postgres() && app.clock.now() - snapshot.backlog.now < MAX_AGE
    });
    app.metrics.work.show_snapshot(snapshot.map(|snapshot| export(&snapshot)));
    Response::builder().content_type(Metrics::CONTENT_TYPE).body(app.metrics.render())
}

fn export(snapshot: &QueueSnapshot) -> Snapshot {
    let states = |kind: &KindSnapshot| {
        let jobs = &kind.jobs;
        let oldest_s = jobs.oldest_available_s.unwrap_or_default().max(0.0);
        let (queue, kind) = (kind.queue, kind.kind);
        [
            (JobState::Available, jobs.available, oldest_s),
            (JobState::Scheduled, jobs.scheduled, 0.0),
            (JobState::Running, jobs.running, 0.0),
            (JobState::Dead, jobs.dead, 0.0),
        ]
        .map(|(state, jobs, oldest_s)| KindState {
            queue,
            kind,
            state: state.as_str(),
            jobs,
            oldest_s,
        })
    };
    let backlog = &snapshot.backlog;
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    Snapshot {
        kinds: snapshot.kinds.iter().flat_map(states).collect(),
        outbox_waiting: backlog.unpublished,
        outbox_oldest_s: backlog.oldest_unpublished_s.unwrap_or_default(),
        is_stream_writable: backlog.unwritable_since.is_none(),
        consumer_pending: snapshot.stream.map(|lag| number(lag.pending)),
        consumer_unacknowledged: snapshot.stream.map(|lag| number(lag.unacknowledged)),
        mails: backlog.mails.iter().map(|(state, count)| (state.clone(), *count)).collect(),
        unreadable_events: backlog.dead_letters,
    }
}
