//! Reads what mail servers report about our emails: bounces (RFC 3464) and complaints (RFC 5965).
//!
//! Every byte comes from strangers. mail-parser reads headers; the parts of a report are found here,
//! because its reader of whole messages follows nested messages without a bound.

mod complaint;
mod delivery_status;
mod fields;
mod parts;
#[cfg(test)]
mod samples;

use keyward_core::{commands::internal::MailReport, domain::ReportReason};

/// Bytes of a message that are read. What a program reads comes first; a returned email follows it.
pub(crate) const MAX_BYTES: usize = 256 * 1024;

/// A report, as the message says. The message does not prove which email it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParsedReport {
    pub(crate) report: MailReport,
    /// The local part of the return path that a complaint quotes.
    pub(crate) quoted_path: Option<String>,
}

/// Reads a message; `None` if it does not report that an email failed or is unwanted, such as a notice
/// of a delay or an automatic reply. Takes time and memory in proportion to [`MAX_BYTES`] at most.
pub(crate) fn parse(message: &[u8]) -> Option<ParsedReport> {
    let parts = parts::of(&message[..message.len().min(MAX_BYTES)]);
    let find = |name: &[&str]| parts.iter().find(|part| name.contains(&part.media_type.as_str()));
    if let Some(part) = find(&["message/feedback-report"]) {
        let returned = find(&["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"]);
        return complaint::parse(&part.text, returned.map(|part| part.text.as_str()));
    }
    let part = find(&["message/delivery-status", "message/global-delivery-status"])?;
    let (concerns_mailbox, reason) = delivery_status::failure(&part.text)?;
    let reason = ReportReason::new(&reason);
    let report = MailReport::Bounced { concerns_mailbox, reason };
    Some(ParsedReport { report, quoted_path: None })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            parse(&bytes);
        }

        #[test]
        fn any_change_of_a_report_is_read_without_a_panic(
            nth in 0..samples::ALL.len(),
            cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_usize..40), 1..12),
        ) {
            let mut bytes = samples::ALL[nth].1.as_bytes().to_vec();
            for (at, byte, length) in cuts {
                let at = at.index(bytes.len());
                let end = (at + length).min(bytes.len());
                bytes.splice(at..end, [byte]);
                if bytes.is_empty() {
                    break;
                }
            }
            parse(&bytes);
        }
    }

    #[test]
    fn nested_and_endless_structures_take_little_time() {
        let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(40_000);
        let digests =
            "Content-Type: multipart/digest; boundary=a\r\n\r\n--a\r\n\r\n".repeat(40_000);
        let parts = format!(
            "Content-Type: multipart/report; boundary=a\r\n\r\n{}",
            "--a\r\n".repeat(200_000)
        );
        let names = "A:\r\n".repeat(200_000);
        let folded = format!("Subject: {}\r\n\r\n", "\r\n ".repeat(100_000));
        let boundary = format!(
            "Content-Type: multipart/report; boundary={}\r\n\r\n{}",
            "-".repeat(9_000),
            "-".repeat(200_000)
        );
        let encoded = format!("Subject: {}\r\n\r\n", "=?utf-8?q?".repeat(30_000));
        let comments = format!("Content-Type: {}\r\n\r\n", "(".repeat(200_000));
        for text in [nested, digests, parts, names, folded, boundary, encoded, comments] {
            let started_at = Instant::now();
            assert_eq!(parse(text.as_bytes()), None);
            let took = started_at.elapsed();
            assert!(took.as_secs() < 5, "{took:?} for {:?}", &text[..40]);
        }
    }
}
