//! Reports in the manners of several mail servers. Written for these tests; the names are invented.

use keyward_core::commands::internal::MailReport;

use super::{ParsedReport, parse};

pub(super) const ALL: &[(&str, &str)] = &[
    ("postfix", include_str!("samples/postfix.eml")),
    ("exim", include_str!("samples/exim.eml")),
    ("exchange", include_str!("samples/exchange.eml")),
    ("gmail", include_str!("samples/gmail.eml")),
    ("expired", include_str!("samples/expired.eml")),
    ("utf8", include_str!("samples/utf8.eml")),
    ("delayed", include_str!("samples/delayed.eml")),
    ("delivered", include_str!("samples/delivered.eml")),
    ("no_status_part", include_str!("samples/no_status_part.eml")),
    ("forwarded_bounce", include_str!("samples/forwarded_bounce.eml")),
    ("vacation", include_str!("samples/vacation.eml")),
    ("complaint", include_str!("samples/complaint.eml")),
    ("complaint_headers_only", include_str!("samples/complaint_headers_only.eml")),
    ("not_spam", include_str!("samples/not_spam.eml")),
];

/// Bounced for good, bounced for now, complained, or nothing; with the reason and the quoted path.
fn shown(report: Option<ParsedReport>) -> String {
    let Some(ParsedReport { report, quoted_path }) = report else { return "nothing".into() };
    let path = quoted_path.map(|path| format!(" ({path})")).unwrap_or_default();
    match report {
        MailReport::Bounced { concerns_mailbox: true, reason } => {
            format!("hard: {}", reason.as_str())
        }
        MailReport::Bounced { reason, .. } => format!("soft: {}", reason.as_str()),
        MailReport::Complained { reason } => format!("{}{path}", reason.as_str()),
    }
}

#[test]
fn reports_of_every_manner_are_understood() {
    let expected = [
        ("postfix", "hard: 5.1.1 550 5.1.1 <[address]>: Recipient address rejected: User unknown"),
        ("exim", "hard: 5.0.0 550-5.1.1 The email account that you tried to reach does not exist."),
        (
            "exchange",
            "hard: 5.1.10 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient [address] not found by SMTP address lookup",
        ),
        ("gmail", "hard: 5.2.1 550 5.2.1 The account is disabled."),
        ("expired", "soft: 4.4.7 451 4.4.7 Delivery time expired"),
        ("utf8", "hard: 5.1.1 550 5.1.1 <[address]>: Postfach gibt es nicht \u{fffd}ber"),
        ("delayed", "nothing"),
        ("delivered", "nothing"),
        ("no_status_part", "nothing"),
        ("forwarded_bounce", "nothing"),
        ("vacation", "nothing"),
        ("complaint", "complaint: abuse (bounce+0190.aa)"),
        ("complaint_headers_only", "complaint: fraud (bounce+0190.bb)"),
        ("not_spam", "nothing"),
    ];
    let found = ALL.iter().map(|(name, text)| {
        // Not every editor keeps a wrong charset in a file.
        let bytes = match text.split_once("{0xfc}") {
            Some((before, after)) => [before.as_bytes(), b"\xfc", after.as_bytes()].concat(),
            None => text.as_bytes().to_vec(),
        };
        let with_crlf = String::from_utf8_lossy(&bytes).replace('\n', "\r\n");
        assert_eq!(shown(parse(with_crlf.as_bytes())), shown(parse(&bytes)), "{name}");
        (*name, shown(parse(&bytes)))
    });
    let expected: Vec<_> = expected.map(|(name, text)| (name, text.to_owned())).into();
    assert_eq!(found.collect::<Vec<_>>(), expected);
}
