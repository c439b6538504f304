//! What holds for every request and every connection, and what routes are made with.

pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod client;
pub(crate) mod docs;
pub(crate) mod edge;
pub(crate) mod etag;
pub(crate) mod health;
pub(crate) mod json;
pub(crate) mod openapi;
pub(crate) mod ops;
pub(crate) mod pagination;
pub(crate) mod problem;
pub(crate) mod rate_limit;
pub(crate) mod server;
pub(crate) mod tags;
pub(crate) mod time;
pub(crate) mod upload;
