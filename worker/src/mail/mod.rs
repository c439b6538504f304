//! Emails: their facts, and the way to the mail relay.

mod content;
mod deliveries;
mod dkim;
pub(crate) mod doctor;
mod facts;
mod mailer;
mod message;
pub(crate) mod preview;
mod relay;
mod render;
pub(crate) mod reports;
mod smtp;

pub(crate) use deliveries::Deliveries;
pub(crate) use facts::EmailFacts;
pub(crate) use mailer::{Mailer, SendOutcome, SendResult};
pub(crate) use render::EmailRenderer;

/// A rendered email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RenderedEmail {
    /// The tag of its language (BCP 47).
    pub(crate) language: &'static str,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

#[cfg(test)]
mod tests;
