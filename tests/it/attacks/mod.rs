//! Properties that hold under attack. Each test is named after its property. `make attacks` runs only
//! these tests.

mod addresses;
mod authorization;
mod avatars;
mod browser;
mod cache;
mod enumeration;
mod images;
mod limits;
mod links;
mod resources;
mod service_tokens;
mod tokens;
mod uploads;
mod webhooks;
