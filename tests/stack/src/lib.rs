//! The servers and tools that Keyward needs on a machine with only a Rust toolchain.
//!
//! - [`Stack`] finds (or installs) Postgres, Redis and NATS and runs private instances: own folder,
//!   ports and passwords, loopback only. Each can be stopped, killed, paused and restarted on the
//!   same port and data; the fault tests do this.
//! - [`MailSink`] is an SMTP server that stores every mail instead of delivering it. It shows mail on
//!   a page, offers the part of Mailpit's HTTP API that tests need, and fails on request.
//! - [`browser`] finds (or installs) Chromium.
//! - [`faketime`] finds (or installs) a library that gives a process a wrong clock.
//! - [`process`] runs a child process that ends with this process.
//!
//! The binary of the same name has the commands `up`, `test`, `run`, `prepare` and `servers`. This
//! package is not part of the product and does not use the product's code.

pub mod browser;
pub mod console;
pub mod faketime;
pub mod find;
pub mod folder;
pub mod mail_sink;
pub mod pid;
pub mod ports;
pub mod process;
pub mod secret;
pub mod servers;

pub use mail_sink::MailSink;
pub use servers::{Durability, Stack};
