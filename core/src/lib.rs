//! The product: accounts, sessions, links and mails. No HTTP, no NATS, no SMTP.
//!
//! A **command** changes something and leaves an **event**; a **query** looks; an event sets off
//! jobs (in `keyward-worker`). Each of those words is a place that lists all of its kind:
//!
//! | what | where |
//! |---|---|
//! | what people and jobs can do | [`commands`] |
//! | what they can see | [`queries`] |
//! | what can have happened | [`events`] |
//! | what can be refused | [`error`] |
//! | what a value must be | [`domain`] |
//! | what can be set | [`settings`] |
//! | where pictures are kept | [`blobs`] |
//! | who may administer | [`administrator`] |
//! | what is logged, traced, counted | [`telemetry`], [`metrics`] |
//!
//! [`app`] runs them: an [`App`] executes commands and fetches queries, a `Tx` makes rows and
//! events true together. [`outbox`] and [`inbox`] are the two ends of the stream, [`dead_letters`]
//! what could not be read in it, [`webhooks`] its way on to other services, [`operations`] what
//! operators see of it all, [`cache`] is what Redis remembers, [`passwords`] and [`access_tokens`] do the costly cryptography,
//! [`signing_keys`] rotates keys.
//!
//! Postgres is the only truth. Arrows: `commands -> domain, store, events, error, app` and
//! `queries -> domain, cache, error, app`; commands and queries never import each other.

pub mod access_tokens;
pub mod administrator;
pub mod app;
pub mod blobs;
pub mod cache;
pub mod clock;
pub mod commands;
pub mod dead_letters;
pub mod domain;
pub mod error;
pub mod events;
pub mod health;
pub mod inbox;
pub mod limits;
pub mod metrics;
pub mod operations;
pub mod origin;
pub mod outbox;
pub mod passwords;
pub mod queries;
mod reauthentication;
pub mod settings;
pub mod signing_keys;
mod store;
pub mod telemetry;
pub mod webhooks;

pub use app::{App, Command, Query};
pub use error::{Error, Refusal, Result};
