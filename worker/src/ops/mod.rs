//! What operators see and do: board, command line, metrics.

pub mod board;
pub mod cli;
pub mod dead;
pub(crate) mod http;
pub(crate) mod metrics;
pub mod reconcile;
pub mod replay;
