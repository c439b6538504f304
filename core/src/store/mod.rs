//! SQL of the write side that two or more commands share; one file per table.
//!
//! Every function takes or returns a [`Tx`](crate::app::Tx), so none runs outside a unit of work.

pub(crate) mod account_deletion;
pub(crate) mod administrators;
pub(crate) mod avatars;
pub(crate) mod blobs;
mod columns;
pub(crate) mod email_changes;
pub(crate) mod invitations;
mod link_codes;
pub(crate) mod links;
pub(crate) mod mails;
mod prelude;
pub(crate) mod service_tokens;
pub(crate) mod sessions;
pub(crate) mod suppressions;
pub(crate) mod users;
pub(crate) mod webhooks;

pub(crate) use links::Revoked;
pub(crate) use sessions::Ended;
pub(crate) use users::{LockedUser, NewUser, Recipient, UserPatch};

#[cfg(test)]
mod tests;
