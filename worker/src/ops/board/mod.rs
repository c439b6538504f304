//! The operations board: what stands still, what fails and why, and what a person does about it.
//!
//! | what | where |
//! |---|---|
//! | the picture of the whole, taken every few seconds | [`Census`], kept by a [`Lookout`] |
//! | what attempts come to, minute by minute | `tally` writes it, `hour` reads it |
//! | why they fail | `reasons` |
//! | whether all is well, in sentences | [`verdict`] |
//! | jobs that match, and the story of one | [`jobs`], [`trace`] |
//! | what is done to them, and who did it | [`acts`] |
//! | how it looks | `pages`, `templates/board`, `assets` |

pub mod acts;
mod census;
mod histogram;
mod hour;
pub mod jobs;
mod lookout;
mod pages;
mod reasons;
mod tally;
pub mod trace;
pub mod verdict;
pub mod words;

pub use census::{Census, QueueCensus};
pub use histogram::Histogram;
pub use hour::{Hour, Minute};
pub use lookout::Lookout;
pub(crate) use lookout::keep;
pub(crate) use pages::{Begun, routes};
pub(crate) use reasons::class_of;
pub(crate) use tally::{Tally, write_down};

pub use crate::queue::census::JobCounts;
