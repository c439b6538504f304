//! Sends emails to the relay with lettre and a pool of connections.
//!
//! Uses the blocking half of lettre on blocking threads. The asynchronous half waits for a silent relay
//! for ever, and returns an interrupted conversation to the pool, where the next email would read the
//! replies to the last one.

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
use uuid::Uuid;

use super::{RenderedEmail, dkim};

/// Sends emails to the relay.
#[derive(Debug, Clone)]
pub(crate) struct Mailer {
    smtp: SmtpTransport,
    pub(super) from: Mailbox,
    /// The right part of every `Message-ID`; emails are signed for this domain.
    pub(super) domain: String,
    dkim: Option<Dkim>,
    /// Whether SendGrid reports about our emails.
    is_sendgrid: bool,
}

/// How an attempt to send an email ended, with the reply of the relay or another reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SendResult {
    pub(crate) outcome: SendOutcome,
    pub(crate) reply: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SendOutcome {
    /// The relay has accepted it.
    Accepted,
    /// Another attempt can succeed.
    Deferred,
    /// No other attempt can succeed.
    Refused,
}

impl SendOutcome {
    /// As metrics and traces name it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::Refused => "refused",
        }
    }
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
        let from = &settings.mail.from;
        let address = from.address.as_str().parse().context("MAIL_FROM")?;
        let from = Mailbox::new(from.name.clone(), address);
        let domain = from.email.domain();
        // As it stands in DNS.
        let domain =
            Host::parse(domain).map_or_else(|_| domain.to_owned(), |host| host.to_string());
        let is_sendgrid = settings.mail.sendgrid_key.is_some();
        Ok(Self { smtp, from, domain, dkim: settings.mail.dkim(), is_sendgrid })
    }

    /// Makes one attempt to send an email.
    pub(crate) async fn send(
        &self,
        email: &OutgoingEmail,
        mail: RenderedEmail,
        now: DateTime<Utc>,
    ) -> SendResult {
        let message = email.to.parse().context("the address is not valid for email");
        let message = message.and_then(|to| self.message(to, email.mail_id.0, mail, now));
        let message =
            message.and_then(|(envelope, bytes)| Ok((returned_to(envelope, email)?, bytes)));
        let (envelope, message) = match message {
            Ok(message) => message,
            Err(error) => {
                let reply = format!("{error:#}");
                return SendResult { outcome: SendOutcome::Refused, reply };
            }
        };
        let smtp = self.smtp.clone();
        // Runs to its end even if the attempt times out: every step has a time-out of its own.
        let sent = tokio::task::spawn_blocking(move || smtp.send_raw(&envelope, &message));
        let (outcome, reply) = match sent.await {
            Ok(Ok(reply)) => (SendOutcome::Accepted, words(&reply)),
            Ok(Err(error)) if is_final(&error, &email.to) => {
                (SendOutcome::Refused, error.to_string())
            }
            Ok(Err(error)) => (SendOutcome::Deferred, error.to_string()),
            Err(panic) => (SendOutcome::Deferred, panic.to_string()),
        };
        SendResult { outcome, reply: without(&email.to, &one_line(&reply)) }
    }

    /// The envelope and the bytes of an email: signed, if there is a key.
    pub(super) fn message(
        &self,
        to: Address,
        id: Uuid,
        mail: RenderedEmail,
        now: DateTime<Utc>,
    ) -> anyhow::Result<(Envelope, Vec<u8>)> {
        let header = |name: &'static str, value: &str| {
            HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
        };
        let arguments = format!("{{\"unique_args\":{{\"keyward_mail\":\"{id}\"}}}}");
        // No display name in the header: it is not verified. The greeting has it where it is safe.
        let builder = Message::builder();
        // SendGrid takes the header out and repeats the id in its reports.
        let builder = match self.is_sendgrid {
            true => builder.raw_header(header("X-SMTPAPI", &arguments)),
            false => builder,
        };
        let message = builder
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            .message_id(Some(format!("<{id}@{}>", self.domain)))
            // Sent by a program (RFC 3834), so that no auto-responder answers it.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            // Keeps Exchange from answering with absence notices and receipts.
            .raw_header(header("X-Auto-Response-Suppress", "All"))
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .context("the email cannot be written")?;
        let bytes = message.formatted();
        let bytes = match &self.dkim {
            Some(dkim) => dkim::sign(dkim, &self.domain, &bytes, now)?,
            None => bytes,
        };
        Ok((message.envelope().clone(), bytes))
    }
}

/// The envelope with the return path of the email.
fn returned_to(envelope: Envelope, email: &OutgoingEmail) -> anyhow::Result<Envelope> {
    let Some(path) = &email.return_path else { return Ok(envelope) };
    let path = path.parse().context("BOUNCE_DOMAIN")?;
    Ok(Envelope::new(Some(path), envelope.to().to_vec())?)
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
    let (address, mut reply) = (address.to_ascii_lowercase(), reply.to_owned());
    while let Some(at) = reply.to_ascii_lowercase().find(&address) {
        reply.replace_range(at..at + address.len(), "[address]");
    }
    reply
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
