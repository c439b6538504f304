//! Checks the mail relay step by step and explains what is wrong.

use std::{fmt::Display, io::Write};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use keyward_core::settings::Settings;
use lettre::{
    Address,
    transport::smtp::{
        self,
        authentication::{Credentials, Mechanism},
        client::{SmtpConnection, TlsParameters},
        commands::{Mail, Rset},
        extension::{ClientId, Extension},
    },
};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::{
    RenderedEmail,
    relay::{MailRelay, Tls},
    transport::{Mailer, one_line, words},
};

/// A step that failed, and what usually helps.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
struct FailedStep {
    step: &'static str,
    what: String,
    advice: &'static str,
}

/// Takes the steps of sending an email, prints the result of each to `out`, and returns whether all
/// succeeded. With an address in `to`, sends a test email there.
///
/// Blocks; each step takes at most `SMTP_TIMEOUT_S`.
///
/// # Errors
///
/// If a setting is malformed, or `out` fails.
pub(crate) fn examine(
    settings: &Settings,
    to: Option<&Address>,
    now: DateTime<Utc>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let (relay, mailer) = (MailRelay::new(settings)?, Mailer::new(settings)?);
    writeln!(out, "    relay    {}", relay.url)?;
    let mut check = Check { relay, mailer, settings, out };
    let failure = match check.run(to, now) {
        Ok(()) => None,
        Err(error) => Some(error.downcast::<FailedStep>()?),
    };
    if let Some(FailedStep { step, what, advice }) = &failure {
        check.print("NO", step, &format!("{what}\n             {advice}"))?;
    }
    check.print_dkim()?;
    Ok(failure.is_none())
}

struct Check<'a, W> {
    relay: MailRelay,
    mailer: Mailer,
    settings: &'a Settings,
    out: &'a mut W,
}

impl<W: Write> Check<'_, W> {
    /// Takes the steps up to the first that fails; its error is a [`FailedStep`].
    fn run(&mut self, to: Option<&Address>, now: DateTime<Utc>) -> anyhow::Result<()> {
        let mut connection = self.connect()?;
        let name = connection.server_info().name().to_owned();
        self.print("ok", "connect", &format!("the relay calls itself {name}"))?;
        self.encrypt(&mut connection)?;
        if connection.is_encrypted() {
            let host = &self.relay.host;
            self.print("ok", "TLS", &format!("the certificate is valid for {host}"))?;
        } else {
            let text = "none, as SMTP_URL says: only for a relay on the same machine";
            self.print("--", "TLS", text)?;
        }
        let login = self.log_in(&mut connection)?;
        self.print("ok", "login", &login)?;
        self.check_sender(&mut connection)?;
        self.print("ok", "sender", &format!("{} may send", self.mailer.from.email))?;
        let Some(to) = to else {
            return self.print("--", "message", "none sent; `--to <address>` sends one");
        };
        let text =
            "This is a test by `keyward-worker mail doctor`. You do not need to do anything.\n";
        let (subject, html) = ("The mail relay works".to_owned(), format!("<p>{text}</p>"));
        let mail = RenderedEmail { language: "en", subject, text: text.to_owned(), html };
        let (envelope, message) = self.mailer.message(to.clone(), Uuid::new_v4(), mail, now)?;
        let reply = connection.send(&envelope, &message).map_err(|error| {
            let advice = if error.is_permanent() {
                "The relay rejects this email for good; its reply says why."
            } else {
                "The relay defers this email: Keyward would retry it later."
            };
            failure("message", &error, advice)
        })?;
        self.print("ok", "message", &format!("accepted for {to}: {}", words(&reply)))?;
        let _ = connection.quit();
        Ok(())
    }

    fn connect(&self) -> Result<SmtpConnection, FailedStep> {
        let relay = &self.relay;
        let tls = (relay.tls == Tls::Immediate).then(|| self.tls_parameters()).transpose()?;
        SmtpConnection::connect(
            (relay.host.as_str(), relay.port),
            Some(self.settings.mail.timeout),
            &ClientId::default(),
            tls.as_ref(),
            None,
        )
        .map_err(|error| failure("connect", &error, connection_advice(&error)))
    }

    fn encrypt(&self, connection: &mut SmtpConnection) -> Result<(), FailedStep> {
        let is_wanted = match self.relay.tls {
            Tls::Required => true,
            Tls::Offered => connection.can_starttls(),
            Tls::Immediate | Tls::None => false,
        };
        if !is_wanted {
            return Ok(());
        }
        connection.starttls(&self.tls_parameters()?, &ClientId::default()).map_err(|error| {
            let advice = if error.is_client() {
                "The relay does not offer STARTTLS and SMTP_URL requires it, so no email is sent. \
                 Try another port, or smtps:// if the relay uses TLS from the first byte."
            } else {
                connection_advice(&error)
            };
            failure("TLS", &error, advice)
        })
    }

    fn tls_parameters(&self) -> Result<TlsParameters, FailedStep> {
        TlsParameters::new(self.relay.host.clone()).map_err(|error| {
            let advice = "This machine cannot use TLS: are CA certificates installed?";
            failure("TLS", &error, advice)
        })
    }

    fn log_in(&self, connection: &mut SmtpConnection) -> Result<String, FailedStep> {
        let Some((user, password)) = &self.relay.credentials else {
            return Ok("none: SMTP_URL names no user".into());
        };
        let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        let reply = connection.auth(&mechanisms, &credentials).map_err(|error| {
            let advice = if error.is_client() {
                "The relay does not offer a login here. Most offer it only after TLS: smtps://, or \
                 ?tls=required."
            } else {
                "The relay rejects this user or password. Write characters like @ : / as %40 %3A %2F \
                 in SMTP_URL."
            };
            failure("login", &error, advice)
        })?;
        Ok(format!("as {user}: {}", words(&reply)))
    }

    /// Asks whether the relay accepts our sender, and resets the conversation.
    fn check_sender(&self, connection: &mut SmtpConnection) -> Result<(), FailedStep> {
        let sender = self.mailer.from.email.clone();
        let supports_utf8 = connection.server_info().supports_feature(Extension::SmtpUtfEight);
        if !sender.to_string().is_ascii() && !supports_utf8 {
            let what = "the relay does not support the address in MAIL_FROM (no SMTPUTF8)";
            return Err(failure("sender", what, "Use an ASCII address in MAIL_FROM."));
        }
        let reply = connection.command(Mail::new(Some(sender), vec![]));
        let reply = reply.and_then(|_| connection.command(Rset));
        reply.map(drop).map_err(|error| {
            let advice = "The relay does not allow this user to send as MAIL_FROM.";
            failure("sender", &error, advice)
        })
    }

    fn print_dkim(&mut self) -> anyhow::Result<()> {
        let Some(dkim) = self.settings.mail.dkim() else {
            return self.print("--", "DKIM", "not by Keyward: DKIM_KEY is not set");
        };
        let name = format!("{}._domainkey.{}", dkim.selector, self.mailer.domain);
        let record = dkim.key.record().context("DKIM_KEY")?;
        let algorithm = dkim.key.algorithm();
        let text = format!("emails are signed ({algorithm}). DNS needs this TXT record:");
        self.print("--", "DKIM", &format!("{text}\n             {name}\n             {record}"))
    }

    fn print(&mut self, mark: &str, step: &str, text: &str) -> anyhow::Result<()> {
        writeln!(self.out, "{mark}  {step:<8} {text}")?;
        // A step can take a while, so its predecessors are shown at once.
        Ok(self.out.flush()?)
    }
}

fn failure(step: &'static str, what: impl Display, advice: &'static str) -> FailedStep {
    FailedStep { step, what: one_line(&what.to_string()), advice }
}

/// What usually helps when a conversation does not start.
fn connection_advice(error: &smtp::Error) -> &'static str {
    let known = [
        ("lookup", "Is the name in SMTP_URL right, and does DNS work on this machine?"),
        ("refused", "Nothing listens there. Is the port in SMTP_URL right, and the relay running?"),
        ("timed out", "No answer: usually a firewall, on either side."),
        ("unreachable", "This machine has no route to it."),
        (
            "temporarily unavailable",
            "The relay listens but does not answer. A port that expects TLS at once (465) needs \
             smtps://, and no other port does.",
        ),
        (
            "UnknownIssuer",
            "This machine does not trust the certificate: it is self-signed, or its authority is \
             not installed here.",
        ),
        ("not valid for name", "The certificate is for another name than the one in SMTP_URL."),
        ("expired", "The certificate of the relay has expired."),
        ("not valid yet", "The certificate is not valid yet: is the clock of this machine right?"),
        (
            "InvalidContentType",
            "The relay does not use TLS from the first byte: smtp://…?tls=required for STARTTLS?",
        ),
    ];
    let text = error.to_string();
    let found = known.iter().find(|(sign, _)| text.contains(sign));
    found.map_or("The server answers, but not like a mail relay. Is it one?", |(_, advice)| advice)
}
