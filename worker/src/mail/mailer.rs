//! Sends emails to the relay.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use keyward_core::{commands::internal::OutgoingEmail, settings::Settings};

use super::{
    RenderedEmail,
    message::MessageWriter,
    smtp::{Failure, SmtpClient},
};

/// Sends emails to the relay. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Mailer {
    writer: Arc<MessageWriter>,
    smtp: Arc<SmtpClient>,
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
    /// The relay takes no email at all from us. Another attempt can succeed.
    RelayUnavailable,
    /// No other attempt can succeed.
    Refused,
}

impl SendOutcome {
    /// As metrics and traces name it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::RelayUnavailable => "relay_unavailable",
            Self::Refused => "refused",
        }
    }
}

impl From<&Failure> for SendOutcome {
    fn from(failure: &Failure) -> Self {
        match failure {
            failure if failure.is_of_relay() => Self::RelayUnavailable,
            failure if failure.is_final() => Self::Refused,
            _ => Self::Deferred,
        }
    }
}

impl Mailer {
    /// Creates a mailer; connects to nothing. Fails if `SMTP_URL` is malformed.
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let (writer, smtp) = (MessageWriter::new(settings), SmtpClient::new(settings)?);
        Ok(Self { writer: Arc::new(writer), smtp: Arc::new(smtp) })
    }

    /// Makes one attempt to send an email.
    pub(crate) async fn send(
        &self,
        email: &OutgoingEmail,
        mail: RenderedEmail,
        now: DateTime<Utc>,
    ) -> SendResult {
        let (to, return_path) = (email.to.as_str(), email.return_path.as_deref());
        let written = self.writer.write(to, return_path, email.mail_id.0, mail, now);
        let (envelope, message) = match written {
            Ok(message) => message,
            Err(error) => {
                let reply = format!("{error:#}");
                return SendResult { outcome: SendOutcome::Refused, reply };
            }
        };
        let (outcome, reply) = match self.smtp.send(&envelope, &message).await {
            Ok(reply) => (SendOutcome::Accepted, reply.to_string()),
            Err(failure) => (SendOutcome::from(&failure), failure.to_string()),
        };
        let token = email.link.as_ref().map_or("", |link| link.token.expose());
        let reply = without(token, "[token]", &without(&email.to, "[address]", &reply));
        SendResult { outcome, reply: one_line(&reply) }
    }
}

/// A reply without a secret: relays repeat addresses, spam filters repeat links, but ledger, queue and
/// log must contain neither.
fn without(secret: &str, mark: &str, reply: &str) -> String {
    if secret.is_empty() {
        return reply.to_owned();
    }
    let (secret, lower) = (secret.to_ascii_lowercase(), reply.to_ascii_lowercase());
    let (mut clean, mut from) = (String::new(), 0);
    for (at, found) in lower.match_indices(&secret) {
        clean += &reply[from..at];
        clean += mark;
        from = at + found.len();
    }
    clean + &reply[from..]
}

/// A text from outside that is safe to store and to log.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn secret_is_removed_from_a_reply_in_any_case() {
        let reply = "550 <ADA@example.org>: no ada@Example.org here, nor bada@example.org.uk";
        assert_eq!(
            without("Ada@example.org", "[address]", reply),
            "550 <[address]>: no [address] here, nor b[address].uk"
        );
        assert_eq!(without("zo\u{eb}@example.org", "[address]", "250 2.0.0 OK"), "250 2.0.0 OK");
        assert_eq!(without("", "[token]", "250 2.0.0 OK"), "250 2.0.0 OK");
        assert_eq!(
            without("TOKEN", "[token]", "554 spam: https://a/#TOKEN"),
            "554 spam: https://a/#[token]"
        );
    }
}
