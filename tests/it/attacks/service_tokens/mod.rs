//! Service tokens: forged ones, revoked ones, and what each scope allows.

mod forged;
mod matrix;
mod revoked;
mod streams;
