//! Tests of each command, query and job through the public interfaces, with real servers. Files are
//! named after what they test.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and run their own SQL"
)]

mod altered;
mod attacks;
mod board;
mod brand;
mod browser_pages;
mod bucket;
mod command_line;
mod commands;
mod edge_bounds;
mod edge_content;
mod edge_headers;
mod edge_negotiation;
mod edge_problems;
mod edge_request_ids;
mod health;
mod idempotency;
mod jobs;
mod page_languages;
mod pages;
mod pipeline;
mod queries;
mod responses;
