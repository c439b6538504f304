//! Whole stories over HTTP, with real processes and a real browser.

mod browser;
mod forgotten_password;
mod house;
mod processes_nats;
mod processes_postgres;
mod processes_redis;
mod processes_stop;
mod processes_worker;
mod scanner;
mod secrets;
