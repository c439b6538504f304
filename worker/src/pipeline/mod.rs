//! How events get from commits to jobs.

pub mod broker;
pub(crate) mod consumer;
pub mod reactions;
pub(crate) mod relay;
pub(crate) mod stream;
