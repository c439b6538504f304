//! Contracts: wire formats, documents, and the structure of the source tree.

#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

mod architecture;
mod asyncapi;
mod documents;
mod events;
mod imports;
mod migrations;
mod monitoring;
mod next_release;
mod openapi;
mod responses;
mod rules;
mod settings;
mod sources;
