//! A job as a row of a list.

use super::{Frame, When};
use crate::ops::board::{
    acts::Act,
    jobs::{Job, State},
};

/// Characters of an error in a list; its own page has the rest.
const ERROR: usize = 240;

/// A job as a row of a list.
pub(super) struct JobRow {
    pub(super) id: String,
    pub(super) queue: String,
    pub(super) state: &'static str,
    /// What the moment is: `due`, `done`, …
    pub(super) what: &'static str,
    pub(super) when: When,
    pub(super) attempts: String,
    pub(super) error: String,
    pub(super) can_retry: bool,
    pub(super) can_discard: bool,
    /// Trying a scheduled one again means: now.
    pub(super) retry: &'static str,
}

impl JobRow {
    pub(super) fn new(frame: &Frame, job: &Job) -> Self {
        let error = job.last_error.as_deref().unwrap_or_default();
        let is_long = error.chars().count() > ERROR;
        let mut error: String = error.chars().take(ERROR).collect();
        if is_long {
            error.push('…');
        }
        let may = |act: Act| frame.operator.may_act && act.applies_to(job.state);
        Self {
            id: job.id.clone(),
            queue: job.queue.clone(),
            state: job.state.as_str(),
            what: match job.state {
                State::Waiting => "due",
                State::Scheduled => "next try",
                State::Running => "taken",
                State::Dead => "given up",
                State::Done => "done",
                State::Dropped => "discarded",
            },
            when: frame.when(job.place().0),
            attempts: format!("{} of {}", job.attempts, job.max_attempts),
            error,
            can_retry: may(Act::Retry),
            can_discard: may(Act::Discard),
            retry: if job.state == State::Scheduled { "Try now" } else { "Retry" },
        }
    }
}
