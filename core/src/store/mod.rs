//! SQL of the write side that two or more commands share; one file per table.
//!
//! Every function takes the [`Tx`](crate::app::Tx), so none can run outside a unit of work.

pub(crate) mod administrators;
pub(crate) mod avatars;
pub(crate) mod blobs;
pub(crate) mod email_changes;
pub(crate) mod invitations;
pub(crate) mod links;
pub(crate) mod mails;
pub(crate) mod sessions;
pub(crate) mod users;
pub(crate) mod webhooks;
