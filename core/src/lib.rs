//! The product: accounts, sessions, links and emails. It knows no HTTP, NATS or SMTP.
//!
//! A **command** changes state and emits an **event**; a **query** reads; an event triggers **jobs**
//! (in `keyward-worker`). Each of these words is a folder or a file that lists all of its kind:
//!
//! | catalogue of | module |
//! |---|---|
//! | what clients and jobs can do | [`commands`] |
//! | what they can read | [`queries`] |
//! | events | [`events`] |
//! | refusals | [`error`] |
//! | values and their rules | [`domain`] |
//! | languages and their messages | [`languages`] |
//! | logo, colours, texts and templates of an operator | [`brand`] |
//! | templates of emails and pages | [`templates`] |
//! | settings | [`settings`] |
//! | authorization of administrators | [`administrator`] |
//! | outbox, dead letters | [`pipeline`] |
//! | cache, rate limits, cryptography, files, metrics, logs | [`infra`] |
//!
//! [`App`] executes commands and queries; a `Tx` commits rows and events together.
//!
//! Postgres is the only source of truth. Imports point downwards:
//! `commands -> domain, store, events, error, app` and `queries -> domain, infra::cache, error, app`;
//! commands and queries never import each other.

pub mod administrator;
pub mod app;
pub mod brand;
pub mod commands;
pub mod domain;
pub mod error;
pub mod events;
pub mod infra;
pub mod languages;
pub mod origin;
pub mod pipeline;
pub mod queries;
mod reauthentication;
pub mod settings;
mod store;
pub mod templates;

pub use app::{App, Command, Query};
pub use error::{Error, Refusal, Result};
