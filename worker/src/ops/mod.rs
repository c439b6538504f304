//! What operators see and do: the board, the command line, metrics.
//!
//! | what | where |
//! |---|---|
//! | the state of queues, stream, outbox and workers, sampled every few seconds | `snapshot`, `sampler` |
//! | attempts per minute, written from the metrics of each process | `counters`, read by `last_hour` |
//! | what needs attention, in sentences | `health` |
//! | the history of a request, event, email, account or job | `trace` |
//! | what operators do, with its audit log | `actions`, `events`, `reconcile`, `cli::replay` |
//! | what is deleted, and when | `maintenance` |
//! | SQL on the tables of operations | `store` |
//! | pages, command line, listener | `board`, `cli`, `http`, `metrics` |

pub mod actions;
pub mod board;
pub mod cli;
pub(crate) mod counters;
pub mod events;
pub mod health;
pub(crate) mod http;
pub mod last_hour;
pub mod maintenance;
pub(crate) mod metrics;
pub mod reconcile;
pub mod sampler;
pub mod snapshot;
pub mod store;
pub mod suppressions;
pub mod trace;
pub mod words;

pub use crate::queue::{
    counts::JobCounts,
    job_record::{JobRecord, Position},
    list::Filter,
    state::JobState,
};

impl Filter {
    /// All jobs in a state: of a queue or kind if one is named, with words of an error if there are any.
    #[must_use]
    pub fn new(name: Option<&str>, state: JobState, error: Option<String>) -> Self {
        let kinds = match name {
            Some(name) => crate::jobs::kinds_named(name),
            None => crate::jobs::kinds().map(|(_, kind)| kind).collect(),
        };
        let error = error.filter(|words| !words.is_empty());
        Self { kinds: kinds.into_iter().map(str::to_owned).collect(), state, error }
    }
}
