//! What others rely on: wire formats, documents, the shape of the cluster.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod arrows;
mod asyncapi;
mod documents;
mod events;
mod migrations;
mod monitoring;
mod openapi;
mod responses;
mod settings;
mod sources;
