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
        SendResult { outcome, reply: one_line(&without_secrets(email, &reply)) }
    }
}

/// A reply without addresses and secrets: relays repeat addresses, spam filters repeat links, but ledger,
/// queue and log must contain neither. A return path has a MAC.
fn without_secrets(email: &OutgoingEmail, reply: &str) -> String {
    let return_path = email.return_path.as_deref().unwrap_or_default();
    let reply = without(return_path, "[return path]", reply);
    let reply = without(&email.to, "[address]", &reply);
    let Some(link) = &email.link else { return reply };
    without(&link.code.expose(), "[code]", &without(link.token.expose(), "[token]", &reply))
}

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
    use keyward_core::{
        commands::internal::EmailLink,
        domain::{DerivationKey, LinkId, LinkKey, MailId, MailKind, Purpose},
        languages::Locale,
    };
    use secrecy::SecretBox;

    use super::*;

    #[test]
    fn reply_loses_everything_that_is_secret() {
        let key = LinkKey(DerivationKey::new(SecretBox::new(vec![7; 32].into())));
        let (purpose, id) = (Purpose::ResetPassword, LinkId::new());
        let link = EmailLink {
            purpose,
            token: key.token(purpose, id),
            code: key.code(purpose, id),
            expires_at: DateTime::UNIX_EPOCH,
        };
        let (token, code) = (link.token.expose().to_owned(), link.code.expose());
        let email = OutgoingEmail {
            mail_id: MailId::new(),
            kind: MailKind::PasswordReset,
            to: "ada@example.org".to_owned(),
            return_path: Some("bounce+1.2@bounces.example.org".to_owned()),
            locale: Locale::ENGLISH,
            display_name: None,
            link: Some(link),
            asked_at: DateTime::UNIX_EPOCH,
            asked_from: None,
            attempt: 1,
        };

        let reply = format!(
            "554 <BOUNCE+1.2@bounces.example.org> to ada@example.org: https://a/#{token} {code} {}",
            code.to_lowercase()
        );

        assert_eq!(
            without_secrets(&email, &reply),
            "554 <[return path]> to [address]: https://a/#[token] [code] [code]"
        );
    }

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
