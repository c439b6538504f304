//! What usually helps against an error.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
};

use lettre::transport::smtp;

use crate::mail::transport::one_line;

/// What failed, and what usually helps.
pub(super) struct Finding {
    pub(super) what: String,
    pub(super) advice: &'static str,
}

pub(super) fn unreachable(address: &SocketAddr, error: &io::Error) -> Finding {
    let advice = match error.kind() {
        ErrorKind::ConnectionRefused => {
            "Nothing listens there. Is the port in SMTP_URL right, and the relay running?"
        }
        ErrorKind::TimedOut => "No answer: usually a firewall, on either side.",
        _ => "This machine has no route to it.",
    };
    Finding { what: format!("{address}: {error}"), advice }
}

pub(super) fn refused_message(error: &smtp::Error) -> Finding {
    let advice = if error.is_permanent() {
        "The relay rejects this email for good; its reply says why."
    } else {
        "The relay defers this email: Keyward would retry it later."
    };
    Finding { what: chain(error), advice }
}

/// What usually helps when a TLS conversation does not start.
pub(super) fn about_tls(what: &str) -> &'static str {
    let known = [
        (
            "UnknownIssuer",
            "This machine does not trust the certificate: it is self-signed, or its \
             authority is not installed here.",
        ),
        ("NotValidForName", "The certificate is for another name than the one in SMTP_URL."),
        ("Expired", "The certificate of the relay has expired."),
        ("NotValidYet", "The certificate is not valid yet: is the clock of this machine right?"),
        (
            "InvalidContentType",
            "The relay does not use TLS from the first byte: smtp://…?tls=required for STARTTLS?",
        ),
    ];
    let found = known.iter().find(|(sign, _)| what.contains(sign));
    found.map_or("The server answers, but not like a mail relay. Is it one?", |(_, advice)| advice)
}

/// An error and its sources in one line.
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
