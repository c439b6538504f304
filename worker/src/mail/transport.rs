//! Sends emails to the relay with lettre and a pool of connections.
//!
//! Uses the blocking half of lettre on blocking threads. The asynchronous half waits for a silent relay
//! for ever, and returns an interrupted conversation to the pool, where the next email would read the
//! replies to the last one.

use std::fmt;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use keyward_core::{
    commands::internal::OutgoingEmail,
    settings::{Dkim, Settings},
};
use lettre::{
    Address, Message, SmtpTransport, Transport as _,
    address::Envelope,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{self, PoolConfig, response::Response},
};
use secrecy::ExposeSecret as _;
use url::Host;

use super::{RenderedEmail, dkim};

/// Sends emails to the relay.
#[derive(Clone)]
pub(crate) struct Mailer {
    smtp: SmtpTransport,
    from: Mailbox,
    /// The right part of every `Message-ID`; emails are signed for this domain.
    domain: String,
    dkim: Option<Dkim>,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

/// The result of sending an email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SendResult {
    /// The relay has accepted it; its reply.
    Accepted(String),
    /// Another attempt can succeed; the reason.
    Deferred(String),
    /// No other attempt can succeed; the reason.
    Refused(String),
}

impl SendResult {
    /// The outcome in one word, for metrics and traces.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Deferred(_) => "deferred",
            Self::Refused(_) => "refused",
        }
    }
}

impl fmt::Display for SendResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(words) | Self::Deferred(words) | Self::Refused(words) => {
                write!(f, "{}: {words}", self.outcome())
            }
        }
    }
}

/// Marks an email as sent by a program (RFC 3834), so that no auto-responder answers it.
fn written_by_a_program() -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned())
}

/// Keeps Exchange from answering with absence notices and receipts.
fn without_responses() -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"), "All".to_owned())
}

impl Mailer {
    /// Idle connections to the relay that stay open.
    const CONNECTIONS: u32 = 8;

    /// Creates a mailer; connects to nothing. TLS is what `SMTP_URL` says and never silently less. Fails
    /// if `SMTP_URL` or `MAIL_FROM` is malformed.
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let url = settings.servers.smtp_url.expose_secret();
        let smtp = SmtpTransport::from_url(url)
            .context("SMTP_URL")?
            .timeout(Some(settings.mail.timeout))
            .pool_config(PoolConfig::new().max_size(Self::CONNECTIONS))
            .build();
        let from: Mailbox = settings.mail.from.parse().context("MAIL_FROM")?;
        let domain = from.email.domain();
        // As it stands in DNS.
        let domain =
            Host::parse(domain).map_or_else(|_| domain.to_owned(), |host| host.to_string());
        Ok(Self { smtp, from, domain, dkim: settings.mail.dkim() })
    }

    /// Makes one attempt to send an email.
    pub(crate) async fn send(
        &self,
        email: &OutgoingEmail,
        mail: RenderedEmail,
        now: DateTime<Utc>,
    ) -> SendResult {
        let message = self.message(email, mail).and_then(|message| self.wire(&message, now));
        let (envelope, message) = match message {
            Ok(message) => message,
            Err(error) => return SendResult::Refused(format!("{error:#}")),
        };
        let smtp = self.smtp.clone();
        // Runs to its end even if the attempt times out: every step has a time-out of its own.
        match tokio::task::spawn_blocking(move || smtp.send_raw(&envelope, &message)).await {
            Ok(Ok(reply)) => SendResult::Accepted(without(&email.to, &words(&reply))),
            Ok(Err(error)) if is_final(&error, &email.to) => {
                SendResult::Refused(without(&email.to, &one_line(&error.to_string())))
            }
            Ok(Err(error)) => {
                SendResult::Deferred(without(&email.to, &one_line(&error.to_string())))
            }
            Err(panic) => SendResult::Deferred(panic.to_string()),
        }
    }

    /// The sender of the emails.
    pub(super) fn sender(&self) -> &Address {
        &self.from.email
    }

    /// The domain that emails are signed for.
    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    /// A test email.
    pub(super) fn test_message(
        &self,
        to: &Address,
        now: DateTime<Utc>,
    ) -> anyhow::Result<(Envelope, Vec<u8>)> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject("The mail relay works")
            .message_id(Some(format!("<{}@{}>", uuid::Uuid::new_v4(), self.domain)))
            .raw_header(written_by_a_program())
            .body(
                "This is a test by `keyward-worker mail doctor`. You do not need to do anything.\n"
                    .to_owned(),
            )
            .context("the email cannot be written")?;
        self.wire(&message, now)
    }

    /// The bytes to send: signed, if there is a key.
    fn wire(&self, message: &Message, now: DateTime<Utc>) -> anyhow::Result<(Envelope, Vec<u8>)> {
        let bytes = message.formatted();
        let bytes = match &self.dkim {
            Some(dkim) => dkim::sign(dkim, &self.domain, &bytes, now)?,
            None => bytes,
        };
        Ok((message.envelope().clone(), bytes))
    }

    fn message(&self, email: &OutgoingEmail, mail: RenderedEmail) -> anyhow::Result<Message> {
        let to: Address = email.to.parse().context("the address is not valid for email")?;
        // No display name in the header: it is not verified. The greeting has it where it is safe.
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            .message_id(Some(format!("<{}@{}>", email.mail_id, self.domain)))
            .raw_header(written_by_a_program())
            .raw_header(without_responses())
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .context("the email cannot be written")
    }
}

/// Whether no other attempt can succeed: the relay refused this email for good, or does not support its
/// address (RFC 6531). A refused login does not concern the email.
fn is_final(error: &smtp::Error, to: &str) -> bool {
    let about_us = ["530", "534", "535", "538"];
    let is_never = error.is_permanent()
        && error.status().is_none_or(|code| !about_us.contains(&code.to_string().as_str()));
    is_never || (error.is_client() && !to.is_ascii())
}

pub(super) fn words(reply: &Response) -> String {
    let text = reply.message().collect::<Vec<_>>().join(" ");
    one_line(&format!("{} {text}", reply.code()))
}

/// A reply without the address: relays repeat it, but ledger, queue and log must not contain it.
fn without(address: &str, reply: &str) -> String {
    let (reply_key, address_key) = (reply.to_ascii_lowercase(), address.to_ascii_lowercase());
    let mut rest = reply;
    let mut text = String::with_capacity(reply.len());
    // Only ASCII letters change their case here, so offsets are the same in both texts.
    for (at, _) in reply_key.match_indices(&address_key) {
        let begin = reply.len() - rest.len();
        text.push_str(&reply[begin..at]);
        text.push_str("[address]");
        rest = &reply[at + address.len()..];
    }
    text + rest
}

/// A text from outside that is safe to store and to log.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn address_is_removed_from_a_reply_in_any_case() {
        let reply = "550 <ADA@example.org>: no ada@Example.org here, nor bada@example.org.uk";
        assert_eq!(
            without("Ada@example.org", reply),
            "550 <[address]>: no [address] here, nor b[address].uk"
        );
        assert_eq!(without("zo\u{eb}@example.org", "250 2.0.0 OK"), "250 2.0.0 OK");
    }
}
