//! A kind of job as a row of the overview.

use super::{Frame, When};
use crate::ops::{snapshot::KindSnapshot, words};

/// A kind of job as a row of the overview.
pub(super) struct KindRow {
    pub(super) queue: &'static str,
    pub(super) name: &'static str,
    pub(super) available: String,
    pub(super) oldest: String,
    pub(super) scheduled: String,
    pub(super) next: Option<String>,
    pub(super) running: String,
    pub(super) completed: String,
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

impl KindRow {
    pub(super) fn new(frame: &Frame, kind: &KindSnapshot) -> Self {
        let (jobs, hour) = (&kind.jobs, &kind.last_hour);
        let p = |share| words::ms_or_dash(&hour.run_times.percentile_ms(share));
        let (completed, failed) = (hour.completed(), hour.failed());
        let open = jobs.available + jobs.scheduled + jobs.running + jobs.dead;
        Self {
            queue: kind.queue,
            name: kind.kind,
            available: words::number(jobs.available),
            oldest: jobs.oldest_available_s.map_or_else(|| "–".to_owned(), words::span),
            scheduled: words::number(jobs.scheduled),
            next: jobs.next_scheduled_s.map(|s| format!("next in {}", words::span(s))),
            running: words::number(jobs.running),
            completed: words::number(completed),
            failed: words::number(failed),
            dead: words::number(jobs.dead),
            p50: p(0.5),
            p95: p(0.95),
            p99: p(0.99),
            paused: kind.pause.as_ref().map(|pause| (pause.by.clone(), frame.when(pause.at))),
            is_idle: open + completed + failed == 0 && kind.pause.is_none(),
            has_dead: jobs.dead > 0,
            has_failed: failed > 0,
        }
    }
}
