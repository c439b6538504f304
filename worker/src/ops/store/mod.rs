//! SQL on the tables that operators see and change. The tables of apalis belong to `queue`.

pub mod actions;
pub mod attempts;
pub mod backlog;
pub mod history;
pub mod minutes;
pub mod pauses;
pub mod processes;
pub mod suppressions;
