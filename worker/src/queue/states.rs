//! The states of a job, as conditions on its row: each is answered from an index of its own.

use std::{fmt, str::FromStr};

/// Where a job has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Its time has come, and no worker has taken it yet.
    Waiting,
    /// Its next attempt is due later.
    Scheduled,
    /// In a worker's hands.
    Running,
    /// Given up, until somebody decides what becomes of it.
    Dead,
    /// Done.
    Done,
    /// Given up, and somebody has decided to let it rest.
    Dropped,
}

impl State {
    /// Those that can be listed.
    pub const LISTED: [Self; 5] =
        [Self::Waiting, Self::Scheduled, Self::Running, Self::Dead, Self::Done];

    /// What it is called.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Dead => "dead",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let known = Self::LISTED.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| {
            anyhow::anyhow!("{text:?} is no state: waiting, scheduled, running, dead, done")
        })
    }
}

/// Waits for its turn, or for the time of its next attempt. apalis' own index.
macro_rules! open {
    () => {
        "(status = 'Pending' or (status = 'Failed' and attempts < max_attempts))"
    };
}

/// Is in a worker's hands.
macro_rules! running {
    () => {
        "status in ('Queued', 'Running')"
    };
}

/// Given up, or failed as often as it may; and not dropped.
macro_rules! dead {
    () => {
        "((status = 'Killed' or (status = 'Failed' and attempts >= max_attempts))
          and not coalesce(metadata ? 'dropped_at', false))"
    };
}

/// Is not done, and its last error matches a pattern. By the index of errors.
macro_rules! with_words {
    ($pattern:literal) => {
        concat!(
            "(status <> 'Done' and metadata ? 'last_error' and metadata -> 'last_error' ilike ",
            $pattern,
            ")"
        )
    };
}

pub(crate) use {dead, open, running, with_words};
