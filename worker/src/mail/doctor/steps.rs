//! Takes the steps of sending an email.

use std::{io, net::IpAddr};

use chrono::{DateTime, Utc};
use keyward_core::{domain::EmailAddress, settings::Settings};
use uuid::Uuid;

use super::{advice::advice, finding::Finding};
use crate::mail::{
    RenderedEmail,
    mailer::one_line,
    message::MessageWriter,
    relay::{MailRelay, Tls},
    smtp::{Connection, Failure, NoReply, SmtpClient, Step},
};

/// Takes the steps up to the first that fails, and reports each. With an address in `to`, sends a test email
/// there. Each step takes at most `SMTP_TIMEOUT_S`.
///
/// Fails if a setting is malformed.
pub(super) async fn examine(
    settings: &Settings,
    to: Option<&EmailAddress>,
    now: DateTime<Utc>,
    report: &mut impl FnMut(Finding),
) -> anyhow::Result<()> {
    let (smtp, writer) = (SmtpClient::new(settings)?, MessageWriter::new(settings));
    report(Finding::note("relay", smtp.relay.url.to_string()));
    let mut done = |step: Step, text: String| report(Finding::ok(label(step), one_line(&text)));
    let taken = take(&smtp, &writer, to, now, &mut done).await;
    if let Some(finding) = encryption(&smtp.relay) {
        report(finding);
    }
    match taken {
        Err(failure) => {
            let text = format!("{}. {}", one_line(&failure.cause.to_string()), advice(&failure));
            report(Finding::error(label(failure.step), text));
        }
        Ok(()) if to.is_none() => {
            report(Finding::note("message", "none sent; `--to <address>` sends one"));
        }
        Ok(()) => {}
    }
    Ok(())
}

async fn take(
    smtp: &SmtpClient,
    writer: &MessageWriter,
    to: Option<&EmailAddress>,
    now: DateTime<Utc>,
    report: &mut impl FnMut(Step, String),
) -> Result<(), Failure> {
    let mut connection: Connection = smtp.connect(report).await?;
    if smtp.relay.credentials.is_none() {
        report(Step::Login, "none: SMTP_URL names no user".to_owned());
    }
    let from = writer.from.address.as_str();
    connection.mail_from(from, from, "", 0, false).await?;
    connection.reset().await;
    report(Step::MailFrom, format!("{from} may send"));
    if let Some(to) = to {
        let (envelope, message) = writer
            .write(to.as_str(), None, Uuid::new_v4(), test_email(), now)
            .map_err(|error| Failure::new(Step::Content, NoReply::Io(io::Error::other(error))))?;
        let reply = connection.send(&envelope, &message).await?;
        report(Step::Content, format!("accepted for {}: {reply}", to.as_str()));
    }
    connection.quit().await;
    Ok(())
}

fn test_email() -> RenderedEmail {
    let text = "This is a test by `keyward-worker mail doctor`. You do not need to do anything.\n";
    RenderedEmail {
        language: "en",
        subject: "The mail relay works".to_owned(),
        text: text.to_owned(),
        html: format!("<p>{text}</p>"),
    }
}

/// Whether emails, with their links, can be read on the way to the relay.
fn encryption(relay: &MailRelay) -> Option<Finding> {
    let is_near = match relay.host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => !relay.host.contains('.'),
    };
    match relay.tls {
        Tls::Immediate | Tls::Required => None,
        Tls::None if is_near => {
            let text = "none, as SMTP_URL says: only for a relay on the same machine";
            Some(Finding::note("TLS", text))
        }
        Tls::None => Some(Finding::warning(
            "TLS",
            "none, as SMTP_URL says: the network can read links and passwords. Use \
             smtp://…?tls=required or smtps://….",
        )),
        Tls::Offered => Some(Finding::warning(
            "TLS",
            "only if the relay offers it, as SMTP_URL says: an attacker in the network can prevent it. \
             Use ?tls=required.",
        )),
    }
}

fn label(step: Step) -> &'static str {
    match step {
        Step::Connect => "connect",
        Step::Greeting => "greeting",
        Step::Ehlo => "EHLO",
        Step::Tls => "TLS",
        Step::Login => "login",
        Step::MailFrom => "sender",
        Step::RcptTo | Step::Data | Step::Content => "message",
    }
}
