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
        let counted = [JobState::Available, JobState::Scheduled, JobState::Running, JobState::Dead];
        counted.map(|state| KindState {
            queue: kind.queue,
            kind: kind.kind,
            state: state.as_str(),
            jobs: kind.jobs.in_state(state).unwrap_or_default(),
            oldest_s: match state {
                JobState::Available => kind.jobs.oldest_available_s.unwrap_or_default().max(0.0),
                _ => 0.0,
            },
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
