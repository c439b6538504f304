//! What usually helps.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
};

use lettre::transport::smtp;

use super::Finding;
use crate::mail::transport::one_line;

pub(super) fn unreachable(address: &SocketAddr, error: &io::Error) -> Finding {
    let advice = match error.kind() {
        ErrorKind::ConnectionRefused => {
            "Nothing listens there. Is the port in SMTP_URL right, and the relay running?"
        }
        ErrorKind::TimedOut => "No answer at all: most often a firewall, on either side.",
        _ => "There is no way there from this machine.",
    };
    Finding { what: format!("{address}: {error}"), advice }
}

pub(super) fn refused_message(error: &smtp::Error) -> Finding {
    let advice = if error.is_permanent() {
        "The relay will never take this message; its answer says why."
    } else {
        "Not now, says the relay: Keyward would try again later."
    };
    Finding { what: chain(error), advice }
}

/// What usually helps when a conversation over TLS, or one that should be, does not begin.
pub(super) fn about_tls(what: &str) -> &'static str {
    let known = [
        (
            "UnknownIssuer",
            "The certificate comes from nobody this machine trusts: it is self-signed, or its \
             authority is not installed here.",
        ),
        ("NotValidForName", "The certificate is for another name than the one in SMTP_URL."),
        ("Expired", "The certificate of the relay has expired."),
        ("NotValidYet", "The certificate is not valid yet: is the clock of this machine right?"),
        (
            "InvalidContentType",
            "It does not speak TLS from the first byte: smtp://…?tls=required for STARTTLS?",
        ),
    ];
    let found = known.iter().find(|(sign, _)| what.contains(sign));
    found.map_or("It answers, but not as a mail relay does. Is it one?", |(_, advice)| advice)
}

/// An error and all that is behind it, in one line.
pub(super) fn chain(error: &smtp::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    one_line(&text)
}
