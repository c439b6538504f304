//! Access and refresh tokens, and the sessions they stand for.

mod forged;
mod headers;
mod keys;
mod refresh;
mod sessions;
