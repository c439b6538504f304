//! End-to-end tests with real processes and a real browser.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and run their own SQL"
)]

mod avatar;
mod board;
mod broker;
mod browser;
mod collector;
mod forgotten_password;
mod key_rotation;
mod logs;
mod mail_tls;
mod metrics;
mod nats_cluster;
mod processes_api;
mod processes_nats;
mod processes_pooler;
mod processes_postgres;
mod processes_redis;
mod processes_schema;
mod processes_stop;
mod processes_worker;
mod revocations;
mod scanner;
mod secrets;
mod start_up;
mod traces;
mod webhooks;
