//! The states of a job, as conditions on its row. An index answers each.

use std::{fmt, str::FromStr};

use anyhow::Context as _;

/// Conditions on the row of a job, and its kind.
macro_rules! sql {
    (kind) => {
        "coalesce(metadata -> 'kind', job_type)"
    };
    // Available or scheduled. Not in the words of the index that apalis has of these jobs: it does not
    // begin with the kind, and Postgres would read all open jobs for each kind.
    (open) => {
        "(status in ('Pending', 'Failed') and (status = 'Pending' or attempts < max_attempts))"
    };
    (running) => {
        "status in ('Queued', 'Running')"
    };
    (dead) => {
        "((status = 'Killed' or (status = 'Failed' and attempts >= max_attempts))
          and not coalesce(metadata ? 'discarded_at', false))"
    };
    (discarded) => {
        "(status = 'Killed' and coalesce(metadata ? 'discarded_at', false))"
    };
    (completed) => {
        "status = 'Done'"
    };
}

/// A statement that counts the jobs that an `update` changes and notifies each of their queues once.
macro_rules! notify_queues {
    ($update:expr) => {
        concat!(
            "with job as (", $update, " returning job_type),
             notified as (
                 select pg_notify('apalis::job::insert', json_build_object('job_type', job_type)::text)
                 from (select distinct job_type from job) as queue)
             select (select count(*) from job) + 0 * (select count(*) from notified)"
        )
    };
}

pub(super) use {notify_queues, sql};

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum JobState {
    /// Due; no worker has taken it yet.
    Available,
    /// Its next attempt is due later.
    Scheduled,
    /// A worker runs it.
    Running,
    /// All its attempts failed, or one failed for good. It stays until an operator retries or
    /// discards it.
    Dead,
    /// It succeeded.
    Completed,
    /// An operator discarded it.
    Discarded,
}

impl JobState {
    /// The states that can be listed.
    pub const LISTED: [Self; 5] =
        [Self::Available, Self::Scheduled, Self::Running, Self::Dead, Self::Completed];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Dead => "dead",
            Self::Completed => "completed",
            Self::Discarded => "discarded",
        }
    }

    /// The condition on a row.
    pub(super) const fn condition(self) -> &'static str {
        match self {
            Self::Available => concat!(sql!(open), " and run_at <= now()"),
            Self::Scheduled => concat!(sql!(open), " and run_at > now()"),
            Self::Running => sql!(running),
            Self::Dead => sql!(dead),
            Self::Completed => sql!(completed),
            Self::Discarded => sql!(discarded),
        }
    }

    /// The column that a list is sorted by, and whether the earliest row comes first.
    pub(super) const fn order(self) -> (&'static str, bool) {
        match self {
            Self::Available | Self::Scheduled => ("run_at", true),
            Self::Running => ("lock_at", true),
            Self::Completed | Self::Dead | Self::Discarded => ("done_at", false),
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for JobState {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let state = Self::LISTED.into_iter().find(|state| state.as_str() == text);
        let names = || Self::LISTED.map(Self::as_str).join(", ");
        state.with_context(|| format!("{text:?} is not a state: {}", names()))
    }
}
