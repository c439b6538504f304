//! Emails: their facts, and the way to the mail relay.

mod deliveries;
mod dkim;
pub(crate) mod doctor;
mod facts;
mod mailer;
mod message;
mod relay;
mod smtp;

pub(crate) use deliveries::Deliveries;
pub(crate) use facts::EmailFacts;
pub(crate) use mailer::{Mailer, SendOutcome, SendResult};

/// A rendered email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RenderedEmail {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}
