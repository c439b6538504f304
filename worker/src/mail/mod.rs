//! Emails: their facts, and the way to the mail relay.

mod dkim;
pub(crate) mod doctor;
mod facts;
mod relay;
pub(crate) mod reports;
mod transport;

pub(crate) use facts::EmailFacts;
pub(crate) use transport::{Mailer, SendOutcome, SendResult};

/// A rendered email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RenderedEmail {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}
