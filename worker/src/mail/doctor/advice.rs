//! What usually helps when a step fails.

use std::io::{self, ErrorKind};

use crate::mail::smtp::{Cause, Failure, NoReply, Step};

pub(super) fn advice(failure: &Failure) -> &'static str {
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
