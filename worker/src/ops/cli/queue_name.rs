//! The argument that names a queue.

use clap::builder::PossibleValuesParser;

use crate::jobs;

/// Parses the name of a queue or a kind of job.
pub(super) fn queue_name() -> PossibleValuesParser {
    PossibleValuesParser::new(jobs::names())
}
