//! What operators see and do, as far as it stands in our own tables. Jobs stand in the queue's.

pub mod acts;
pub mod attempts;
pub mod backlog;
pub mod minutes;
pub mod pauses;
pub mod processes;
pub mod story;
