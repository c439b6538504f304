//! A job as a row of a list.

use super::{Frame, When};
use crate::ops::{JobRecord, JobState, actions::JobAction};

/// Characters of an error in a list; its own page has the rest.
const ERROR: usize = 240;

/// A job as a row of a list.
pub(super) struct JobRow {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) state: &'static str,
    /// What the moment is: `due`, `done`, …
    pub(super) what: &'static str,
    pub(super) when: When,
    pub(super) attempts: String,
    pub(super) error: String,
    pub(super) can_retry: bool,
    pub(super) can_run_now: bool,
    pub(super) can_discard: bool,
}

impl JobRow {
    pub(super) fn new(frame: &Frame, job: &JobRecord) -> Self {
        let error = job.last_error.as_deref().unwrap_or_default();
        let is_long = error.chars().count() > ERROR;
        let mut error: String = error.chars().take(ERROR).collect();
        if is_long {
            error.push('…');
        }
        let may = |action: JobAction| frame.operator.may_act && action.applies_to(job.state);
        Self {
            id: job.id.clone(),
            kind: job.kind.clone(),
            state: job.state.as_str(),
            what: match job.state {
                JobState::Available => "due",
                JobState::Scheduled => "next attempt",
                JobState::Running => "started",
                JobState::Dead => "dead",
                JobState::Completed => "completed",
                JobState::Discarded => "discarded",
            },
            when: frame.when(job.position().0),
            attempts: format!("{} of {}", job.attempts, job.max_attempts),
            error,
            can_retry: may(JobAction::Retry),
            can_run_now: may(JobAction::RunNow),
            can_discard: may(JobAction::Discard),
        }
    }
}
