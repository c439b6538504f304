//! The event pipeline: from committed events to jobs.

pub(crate) mod broker;
pub(crate) mod consumer;
pub(crate) mod reactions;
pub(crate) mod relay;
pub(crate) mod stream;

pub use stream::StreamLag;
