//! A queue as a row of the overview.

use super::{Frame, When};
use crate::ops::board::{census::QueueCensus, words};

/// A queue as a row of the overview.
pub(super) struct QueueRow {
    pub(super) name: &'static str,
    pub(super) waiting: String,
    pub(super) oldest: String,
    pub(super) scheduled: String,
    pub(super) next: Option<String>,
    pub(super) running: String,
    pub(super) done: String,
    pub(super) failed: String,
    pub(super) dead: String,
    pub(super) p50: String,
    pub(super) p95: String,
    pub(super) p99: String,
    pub(super) paused: Option<(String, When)>,
    /// Nothing to see.
    pub(super) is_idle: bool,
    pub(super) has_dead: bool,
    pub(super) has_failed: bool,
}

impl QueueRow {
    pub(super) fn new(frame: &Frame, queue: &QueueCensus) -> Self {
        let (jobs, hour) = (&queue.jobs, &queue.hour);
        let p = |share| words::ms_or_dash(&hour.run_times.percentile(share));
        let (done, failed) = (hour.done(), hour.failed());
        let open = jobs.waiting + jobs.scheduled + jobs.running + jobs.dead;
        Self {
            name: queue.name,
            waiting: words::number(jobs.waiting),
            oldest: jobs.oldest_waiting_s.map_or_else(|| "–".to_owned(), words::span),
            scheduled: words::number(jobs.scheduled),
            next: jobs.next_scheduled_s.map(|s| format!("next in {}", words::span(s))),
            running: words::number(jobs.running),
            done: words::number(done),
            failed: words::number(failed),
            dead: words::number(jobs.dead),
            p50: p(0.5),
            p95: p(0.95),
            p99: p(0.99),
            paused: queue.paused.as_ref().map(|pause| (pause.by.clone(), frame.when(pause.at))),
            is_idle: open + done + failed == 0 && queue.paused.is_none(),
            has_dead: jobs.dead > 0,
            has_failed: failed > 0,
        }
    }
}
