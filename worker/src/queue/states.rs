//! The states of a job, as conditions on its row: each is answered from an index of its own.

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

pub(crate) use {dead, open, running};
