//! `GET`: parse, fetch, answer.

pub(super) mod administration;
pub(super) mod avatars;
pub(super) mod events;
pub(super) mod invitations;
pub(super) mod keys;
mod picture;
pub(super) mod revocations;
pub(super) mod service_tokens;
pub(super) mod sessions;
pub(super) mod users;
pub(super) mod webhooks;
