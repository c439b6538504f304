//! Everything Keyward needs around it, on a machine that has nothing but a Rust toolchain.
//!
//! - [`Stack`] finds (or installs) Postgres, Redis and NATS and runs private instances of them:
//!   own folder, own ports, own passwords, loopback only. Each can be stopped, killed, paused and
//!   restarted on the same port and data, which is how the fault tests take a dependency away.
//! - [`MailSink`] is a real SMTP server that delivers nowhere. It keeps what it is given, shows it on
//!   a page, answers the part of Mailpit's HTTP API that tests need, and misbehaves on request.
//! - [`browser`] finds (or installs) Chromium for the tests that click.
//! - [`faketime`] finds (or installs) what gives a program a wrong clock.
//! - [`process`] runs a child that cannot outlive us.
//!
//! The binary of the same name puts them together: `keyward-stack up`, `test`, `run`, `prepare`
//! and `servers`. Nothing here is part of the product, and nothing here knows the product's code.

pub mod browser;
pub mod console;
pub mod faketime;
pub mod folder;
pub mod mail_sink;
pub mod pid;
pub mod ports;
pub mod process;
pub mod secret;
pub mod servers;

pub use mail_sink::MailSink;
pub use servers::{Durability, Stack};
