//! Complaints: the abuse reporting format (RFC 5965).

use keyward_core::{commands::internal::MailReport, domain::ReportReason};

use super::{ParsedReport, fields::Fields};

/// Feedback types that do not say that the recipient does not want the email: of RFC 5965, RFC 6430 and
/// RFC 6591.
const NO_COMPLAINT: [&str; 4] = ["not-spam", "auth-failure", "dmarc", "identity-alignment"];

/// Reads a feedback report and the headers of the email that came with it. `None` if it does not
/// complain.
pub(super) fn parse(report: &str, returned: Option<&str>) -> Option<ParsedReport> {
    let fields = Fields::parse(report)?;
    let kind =
        fields.word("Feedback-Type").filter(|kind| !NO_COMPLAINT.contains(&kind.as_str()))?;
    let reason = ReportReason::new(&format!("complaint: {kind}"));
    let original = fields.get("Original-Mail-From").and_then(local_part);
    let returned = returned.and_then(Fields::parse);
    let returned = returned.as_ref().and_then(|fields| fields.get("Return-Path"));
    let quoted_path = original.or_else(|| returned.and_then(local_part));
    Some(ParsedReport { report: MailReport::Complained { reason }, quoted_path })
}

fn local_part(address: &str) -> Option<String> {
    let address = address.trim_start_matches(['<', ' ']);
    let (local, _) = address.split_once('@')?;
    (local.len() <= 64).then(|| local.to_owned())
}
