//! What others rely on: wire formats, documents, the shape of the house.

mod arrows;
mod events;
mod migrations;
mod openapi;
mod settings;
mod sources;
