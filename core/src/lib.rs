//! The product: accounts, sessions, links and emails. It knows no HTTP, NATS or SMTP.
//!
//! A **command** changes state and emits an **event**; a **query** reads; an event triggers
//! **jobs** (in `keyward-worker`). Each of these words is a folder or a file that lists all of its
//! kind:
//!
//! | what | where |
//! |---|---|
//! | what people and jobs can do | [`commands`] |
//! | what they can see | [`queries`] |
//! | what can have happened | [`events`] |
//! | why a command can be refused | [`error`] |
//! | what a value must be | [`domain`] |
//! | what can be configured | [`settings`] |
//! | who may administer | [`administrator`] |
//! | the stored ends of the event pipeline | [`pipeline`] |
//! | what all of it runs on: cache, limits, cryptography, files, metrics, logs | [`infra`] |
//!
//! [`App`] executes commands and fetches queries; a `Tx` commits rows and events together.
//!
//! Postgres is the only source of truth. Imports point downwards:
//! `commands -> domain, store, events, error, app` and `queries -> domain, infra::cache, error, app`;
//! commands and queries never import each other.

pub mod administrator;
pub mod app;
pub mod commands;
pub mod domain;
pub mod error;
pub mod events;
pub mod infra;
pub mod operations;
pub mod origin;
pub mod pipeline;
pub mod queries;
mod reauthentication;
pub mod settings;
mod store;

pub use app::{App, Command, Query};
pub use error::{Error, Refusal, Result};
