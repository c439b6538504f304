//! `/metrics`. The state of outbox, stream, queues and emails comes from the latest snapshot, so a
//! scrape costs Postgres nothing.

use chrono::TimeDelta;
use keyward_core::{
    App,
    infra::metrics::{Backlogs, Metrics},
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
fn metrics(app: Data<&App>, nats: Data<&async_nats::Client>, sampler: Data<&Sampler>) -> Response {
    let snapshot = sampler.latest().filter(|snapshot| {
        app.health.postgres() && app.clock.now() - snapshot.backlog.now < MAX_AGE
    });
    let is_nats_up = nats.connection_state() == async_nats::connection::State::Connected;
    let text = app.render_metrics(is_nats_up, snapshot.map(|one| backlogs(&one)).as_ref());
    Response::builder().content_type(Metrics::CONTENT_TYPE).body(text)
}

fn backlogs(snapshot: &QueueSnapshot) -> Backlogs {
    let gauges = Backlogs::default();
    for KindSnapshot { queue, kind, jobs, .. } in &snapshot.kinds {
        for (state, count) in [
            (JobState::Available, jobs.available),
            (JobState::Scheduled, jobs.scheduled),
            (JobState::Running, jobs.running),
            (JobState::Dead, jobs.dead),
        ] {
            let labels = [("queue", *queue), ("kind", *kind), ("state", state.as_str())];
            gauges.jobs.get_or_create(&labels).set(count);
        }
        let oldest_s = jobs.oldest_available_s.unwrap_or_default().max(0.0);
        gauges.oldest_due_s.get_or_create(&[("queue", *queue), ("kind", *kind)]).set(oldest_s);
    }
    gauges.unknown_jobs.set(snapshot.unknown_jobs);
    let backlog = &snapshot.backlog;
    for (state, count) in &backlog.mails {
        gauges.mails.get_or_create(&[("state", state.clone())]).set(*count);
    }
    gauges.outbox_waiting.set(backlog.unpublished);
    gauges.outbox_oldest_s.set(backlog.oldest_unpublished_s.unwrap_or_default());
    gauges.stream_writable.set(backlog.unwritable_since.is_none().into());
    gauges.parked.set(backlog.parked);
    gauges.dead_letters.set(backlog.dead_letters);
    if let Some(lag) = snapshot.stream {
        gauges.consumer_pending.get_or_create(&[]).set(lag.pending.cast_signed());
        gauges.consumer_unacknowledged.get_or_create(&[]).set(lag.unacknowledged.cast_signed());
    }
    gauges
}
