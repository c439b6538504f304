//! Checks the mail relay step by step and explains what is wrong.

use std::io::{self, ErrorKind, Write};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use keyward_core::{domain::EmailAddress, settings::Settings};
use uuid::Uuid;

use super::{
    RenderedEmail,
    mailer::one_line,
    message::MessageWriter,
    relay::Tls,
    smtp::{Cause, Failure, NoReply, SmtpClient, Step},
};

/// Takes the steps of sending an email, prints the result of each to `out`, and returns whether all
/// succeeded. With an address in `to`, sends a test email there.
///
/// Each step takes at most `SMTP_TIMEOUT_S`.
///
/// # Errors
///
/// If a setting is malformed, or `out` fails.
pub(crate) async fn examine(
    settings: &Settings,
    to: Option<&EmailAddress>,
    now: DateTime<Utc>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let (smtp, writer) = (SmtpClient::new(settings)?, MessageWriter::new(settings));
    writeln!(out, "    relay    {}", smtp.relay.url)?;
    let mut written = Ok(());
    let mut report = |step: Step, text: String| {
        let result = print(out, "ok", label(step), &one_line(&text));
        written = std::mem::replace(&mut written, Ok(())).and(result);
    };
    let taken = take_steps(&smtp, &writer, to, now, &mut report).await;
    written?;
    if smtp.relay.tls == Tls::None {
        let text = "none, as SMTP_URL says: only for a relay on the same machine";
        print(out, "--", "TLS", text)?;
    }
    match &taken {
        Err(failure) => {
            let (what, advice) = (one_line(&failure.cause.to_string()), advice(failure));
            print(out, "NO", label(failure.step), &format!("{what}\n             {advice}"))?;
        }
        Ok(()) if to.is_none() => {
            print(out, "--", "message", "none sent; `--to <address>` sends one")?;
        }
        Ok(()) => {}
    }
    print_dkim(settings, &writer, out)?;
    Ok(taken.is_ok())
}

/// Takes the steps up to the first that fails.
async fn take_steps(
    smtp: &SmtpClient,
    writer: &MessageWriter,
    to: Option<&EmailAddress>,
    now: DateTime<Utc>,
    report: &mut impl FnMut(Step, String),
) -> Result<(), Failure> {
    let mut connection = smtp.connect(report).await?;
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

fn print_dkim(
    settings: &Settings,
    writer: &MessageWriter,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let Some(dkim) = settings.mail.dkim() else {
        return print(out, "--", "DKIM", "not by Keyward: DKIM_KEY is not set");
    };
    let name = format!("{}._domainkey.{}", dkim.selector, writer.domain);
    let record = dkim.key.record().context("DKIM_KEY")?;
    let algorithm = dkim.key.algorithm();
    let text = format!("emails are signed ({algorithm}). DNS needs this TXT record:");
    print(out, "--", "DKIM", &format!("{text}\n             {name}\n             {record}"))
}

fn print(out: &mut impl Write, mark: &str, step: &str, text: &str) -> anyhow::Result<()> {
    writeln!(out, "{mark}  {step:<8} {text}")?;
    // A step can take a while, so its predecessors are shown at once.
    Ok(out.flush()?)
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

/// What usually helps when a step fails.
fn advice(failure: &Failure) -> &'static str {
    match (failure.step, &failure.cause) {
        (Step::Connect | Step::Tls, Cause::NoReply(NoReply::Io(error))) => connection_advice(error),
        (Step::Connect, _) => NO_ANSWER,
        (Step::Greeting, Cause::Timeout(_)) => {
            "The relay listens but does not answer. A port that expects TLS at once (465) needs smtps://, \
             and no other port does."
        }
        (Step::Greeting, Cause::Reply(_)) => {
            "The relay does not talk to this machine at all. Ask its operator to allow the address of \
             this machine, or use the relay's port for clients that log in (587 or 465)."
        }
        (Step::Ehlo, Cause::Reply(_)) => {
            "The relay rejects our name. Set SMTP_EHLO_NAME to a fully qualified name that DNS knows, at \
             best the one to which the address of this machine resolves."
        }
        (Step::Tls, Cause::Unsupported(_)) => {
            "No email is sent. Try another port, or smtps:// if the relay uses TLS from the first byte."
        }
        (Step::Tls, _) => "The relay offers STARTTLS and does not do it. Try smtps:// on port 465.",
        (Step::Login, Cause::Unsupported(_)) => {
            "Most relays offer a login only after TLS: smtps://, or ?tls=required."
        }
        (Step::Login, Cause::Reply(_)) => {
            "The relay rejects this user or password. Write characters like @ : / as %40 %3A %2F in SMTP_URL."
        }
        (Step::MailFrom, Cause::Unsupported(_)) => "Use an ASCII address in MAIL_FROM.",
        (Step::MailFrom, Cause::Reply(reply)) => match reply.code {
            530 => {
                "The relay requires TLS or a login first: ?tls=required, or smtps://user:password@host."
            }
            _ => "The relay does not allow this user to send as MAIL_FROM.",
        },
        (_, Cause::Reply(reply)) if reply.code == 504 => {
            "The relay rejects our name in EHLO: set SMTP_EHLO_NAME to a fully qualified name."
        }
        (_, Cause::Reply(_) | Cause::Unsupported(_)) if failure.is_final() => {
            "The relay rejects this email for good; its reply says why."
        }
        (Step::RcptTo | Step::Data | Step::Content, _) => {
            "The relay defers this email: Keyward would retry it later."
        }
        _ => "The server answers, but not like a mail relay. Is it one?",
    }
}

const NO_ANSWER: &str = "No answer: usually a firewall, on either side.";

/// What usually helps when a connection cannot be opened or encrypted.
fn connection_advice(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            return "Nothing listens there. Is the port in SMTP_URL right, and the relay running?";
        }
        ErrorKind::TimedOut => return NO_ANSWER,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            return "This machine has no route to it.";
        }
        _ => {}
    }
    let known = [
        ("lookup", "Is the name in SMTP_URL right, and does DNS work on this machine?"),
        (
            "CaUsedAsEndEntity",
            "The certificate is that of an authority: the relay needs one for its own name.",
        ),
        (
            "UnknownIssuer",
            "This machine does not trust the certificate: it is self-signed, or its authority is \
             not installed here.",
        ),
        ("not valid for name", "The certificate is for another name than the one in SMTP_URL."),
        ("expired", "The certificate of the relay has expired."),
        ("not valid yet", "The certificate is not valid yet: is the clock of this machine right?"),
        ("invalid peer certificate", "The certificate of the relay cannot be used."),
        (
            "InvalidContentType",
            "The relay does not use TLS from the first byte: smtp://…?tls=required for STARTTLS?",
        ),
    ];
    let text = error.to_string();
    let found = known.iter().find(|(sign, _)| text.contains(sign));
    found.map_or("The server answers, but not like a mail relay. Is it one?", |(_, advice)| advice)
}
