//! What must hold under attack: each test is named after the property it holds. `make attacks` runs
//! them alone.

mod addresses;
mod authorization;
mod avatars;
mod browser;
mod cache;
mod enumeration;
mod images;
mod limits;
mod links;
mod tokens;
mod uploads;
mod webhooks;
