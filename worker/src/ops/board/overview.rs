//! The overview: health, and where problems are. It shows the latest snapshot, without a query of its
//! own, and sends every new snapshot to open pages.

use std::{sync::Arc, time::Duration};

use askama::Template;
use futures_util::{Stream, stream};
use poem::{
    Response, handler,
    web::{
        Data,
        sse::{Event, SSE},
    },
};
use tokio_util::sync::CancellationToken;

use super::{Background, Frame, Result, assets, html};
use crate::ops::{
    JobCounts, health::HealthSummary, sampler::Sampler, snapshot::QueueSnapshot, words,
};

/// An open page says that it is outdated after this time without a new snapshot.
const STALE: Duration = Duration::from_secs(15);

#[derive(Template)]
#[template(path = "board/overview.html")]
struct Overview<'a> {
    frame: &'a Frame,
    /// `None` before the first snapshot.
    view: Option<View>,
}

/// The part that changes.
#[derive(Template)]
#[template(path = "board/live.html")]
struct Live<'a> {
    frame: &'a Frame,
    view: &'a View,
}

struct View {
    snapshot: Arc<QueueSnapshot>,
    health: HealthSummary,
    jobs: JobCounts,
    /// The upper ends of the charts.
    top_attempts: f64,
    top_latency_ms: f64,
}

#[handler]
pub(super) fn show(frame: Frame, sampler: Data<&Sampler>) -> Result<Response> {
    let view = sampler.latest().map(|snapshot| View::new(&frame, snapshot));
    html(&Overview { frame: &frame, view })
}

/// Sends the part that changes, whenever it does (server-sent events).
#[handler]
pub(super) fn live(frame: Frame, sampler: Data<&Sampler>, background: Data<&Background>) -> SSE {
    SSE::new(updates(frame, sampler.0.clone(), background.stop.clone()))
}

fn updates(frame: Frame, sampler: Sampler, stop: CancellationToken) -> impl Stream<Item = Event> {
    stream::unfold((frame, sampler, stop), |(frame, mut sampler, stop)| async move {
        let snapshot = stop.run_until_cancelled(next(&mut sampler)).await??;
        let view = View::new(&frame, snapshot);
        let html = Live { frame: &frame, view: &view }.render().ok()?;
        Some((Event::message(html), (frame, sampler, stop)))
    })
}

/// The next snapshot, or the last one again if none has come for a while: the page shows its age.
/// `None` when the process stops.
async fn next(sampler: &mut Sampler) -> Option<Arc<QueueSnapshot>> {
    loop {
        let has_stopped = tokio::time::timeout(STALE, sampler.changed()).await == Ok(false);
        match sampler.latest() {
            _ if has_stopped => return None,
            Some(snapshot) => return Some(snapshot),
            None => {}
        }
    }
}

impl View {
    fn new(frame: &Frame, snapshot: Arc<QueueSnapshot>) -> Self {
        let minutes = &snapshot.last_hour.minutes;
        let attempts = minutes.iter().map(|minute| (minute.completed + minute.failed) as f64);
        let latencies = minutes.iter().filter_map(|minute| minute.latency_p95_ms);
        Self {
            health: HealthSummary::new(&snapshot, frame.now()),
            jobs: snapshot.jobs(""),
            top_attempts: round_up(attempts.fold(0.0, f64::max)),
            top_latency_ms: round_up(latencies.fold(0.0, f64::max)),
            snapshot,
        }
    }
}

/// The next round number: 1, 2 or 5 and zeros.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.max(1.0).log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= value).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn chart_ends_at_a_round_number() {
        let values = [0.0, 1.0, 1.5, 3.0, 7.0, 10.0, 11.0, 4_900.0, 5_001.0];
        assert_eq!(values.map(round_up), [1.0, 1.0, 2.0, 5.0, 10.0, 10.0, 20.0, 5_000.0, 10_000.0]);
    }
}
