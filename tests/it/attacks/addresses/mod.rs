//! Email addresses: a mailbox has one owner and receives only its own emails.

mod characters;
mod mailboxes;
mod scripts;
mod squatters;
mod wire;
