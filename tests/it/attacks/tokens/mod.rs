//! Access tokens, refresh tokens and their sessions.

mod claims;
mod forged;
mod headers;
mod keys;
mod refresh;
mod sessions;
