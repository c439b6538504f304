//! The way to the relay: lettre over a pool of connections.
//!
//! The blocking half of lettre, on threads for blocking work: its other half waits for a silent
//! relay for ever, and gives a conversation that was cut short back to the pool, where the next
//! mail would take the answers to the last one for its own.

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
    message::{Mailbox, MultiPart, header},
    transport::smtp::{self, PoolConfig, response::Response},
};
use secrecy::ExposeSecret as _;
use url::Host;

use super::{Rendered, dkim};

/// Hands mails to the relay.
#[derive(Clone)]
pub struct Mailer {
    smtp: SmtpTransport,
    from: Mailbox,
    /// Right part of the `Message-ID`s, and in whose name mails are signed.
    domain: String,
    dkim: Option<Dkim>,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

/// What became of an attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The relay took it over; its words.
    Accepted(String),
    /// Not now; try again.
    Deferred(String),
    /// Never.
    Refused(String),
}

impl Sent {
    /// The outcome in a word, for metrics and traces.
    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Deferred(_) => "deferred",
            Self::Refused(_) => "refused",
        }
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(words) | Self::Deferred(words) | Self::Refused(words) => {
                write!(f, "{}: {words}", self.outcome())
            }
        }
    }
}

/// A header that lettre does not know.
macro_rules! written_header {
    ($name:ident, $wire:literal) => {
        #[derive(Clone)]
        struct $name(&'static str);

        impl header::Header for $name {
            fn name() -> header::HeaderName {
                header::HeaderName::new_from_ascii_str($wire)
            }

            fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Err("is only written".into())
            }

            fn display(&self) -> header::HeaderValue {
                header::HeaderValue::new(Self::name(), self.0.to_owned())
            }
        }
    };
}
written_header!(AutoSubmitted, "Auto-Submitted");
written_header!(AutoResponseSuppress, "X-Auto-Response-Suppress");

impl Mailer {
    /// Connections to the relay that are kept open.
    const CONNECTIONS: u32 = 8;

    /// Makes a mailer. TLS is what `SMTP_URL` says and never silently less.
    ///
    /// # Errors
    ///
    /// If `SMTP_URL` or `MAIL_FROM` is malformed.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
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

    /// Sends a mail once.
    pub async fn send(&self, email: &OutgoingEmail, mail: Rendered, now: DateTime<Utc>) -> Sent {
        let message = self.message(email, mail).and_then(|message| self.wire(&message, now));
        let (envelope, message) = match message {
            Ok(message) => message,
            Err(error) => return Sent::Refused(format!("{error:#}")),
        };
        let smtp = self.smtp.clone();
        // Runs to its end even if nobody waits for it any more: each step of it is bounded.
        match tokio::task::spawn_blocking(move || smtp.send_raw(&envelope, &message)).await {
            Ok(Ok(reply)) => Sent::Accepted(without(&email.to, &words(&reply))),
            Ok(Err(error)) if is_final(&error, &email.to) => {
                Sent::Refused(without(&email.to, &one_line(&error.to_string())))
            }
            Ok(Err(error)) => Sent::Deferred(without(&email.to, &one_line(&error.to_string()))),
            Err(panic) => Sent::Deferred(panic.to_string()),
        }
    }

    /// The address that mails come from.
    pub(super) fn sender(&self) -> &Address {
        &self.from.email
    }

    /// The domain in whose name mails are signed.
    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    /// A message that says nothing but that the way is open.
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
            .header(AutoSubmitted("auto-generated"))
            .body("Somebody ran `keyward-worker mail doctor`. There is nothing to do.\n".to_owned())
            .context("the mail cannot be written")?;
        self.wire(&message, now)
    }

    /// What goes over the wire: signed, if there is a key.
    fn wire(&self, message: &Message, now: DateTime<Utc>) -> anyhow::Result<(Envelope, Vec<u8>)> {
        let bytes = message.formatted();
        let bytes = match &self.dkim {
            Some(dkim) => dkim::sign(dkim, &self.domain, &bytes, now)?,
            None => bytes,
        };
        Ok((message.envelope().clone(), bytes))
    }

    fn message(&self, email: &OutgoingEmail, mail: Rendered) -> anyhow::Result<Message> {
        let to: Address = email.to.parse().context("the address on file cannot be mailed to")?;
        // No name beside the address: nobody checked it, and the greeting has it where it is safe.
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            .message_id(Some(format!("<{}@{}>", email.mail_id, self.domain)))
            .header(AutoSubmitted("auto-generated"))
            .header(AutoResponseSuppress("All"))
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .context("the mail cannot be written")
    }
}

/// Whether it will never work: the relay said "never" to this mail, or cannot take its address at
/// all (RFC 6531). A refused login is not about the mail.
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

/// Relays like to repeat the address; the ledger, the queue and the log must not keep it.
fn without(address: &str, reply: &str) -> String {
    let (reply_key, address_key) = (reply.to_ascii_lowercase(), address.to_ascii_lowercase());
    let mut rest = reply;
    let mut text = String::with_capacity(reply.len());
    // Only ASCII letters change their case here, so both texts have the same places.
    for (at, _) in reply_key.match_indices(&address_key) {
        let begin = reply.len() - rest.len();
        text.push_str(&reply[begin..at]);
        text.push_str("[address]");
        rest = &reply[at + address.len()..];
    }
    text + rest
}

/// What is safe to keep and to log, whatever the relay has written.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn a_reply_is_kept_without_the_address_however_the_relay_spells_it() {
        let reply = "550 <ADA@example.org>: no ada@Example.org here, nor bada@example.org.uk";
        assert_eq!(
            without("Ada@example.org", reply),
            "550 <[address]>: no [address] here, nor b[address].uk"
        );
        assert_eq!(without("zo\u{eb}@example.org", "250 2.0.0 OK"), "250 2.0.0 OK");
    }
}
