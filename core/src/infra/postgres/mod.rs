//! Connections to Postgres.
//!
//! The pool of sqlx opens a connection inside the call that needs it, so the timeout of the call also
//! cancels the opening. On a machine with too little CPU time no connection is ever opened then. Here,
//! tasks of their own open connections, two at a time in a process, and no caller can cancel them.

mod connection;
mod executor;
mod opener;
mod pool;
mod shared;

pub use connection::{Connection, Transaction};
pub use pool::Pool;

#[cfg(test)]
mod tests;
