//! The operations board: pages for operators, rendered on the server.

mod pages;

pub(crate) use pages::{Running, routes};
