//! Delivery status notifications (RFC 3464; RFC 6533 for addresses beyond ASCII).

use keyward_core::domain::concerns_mailbox;

use super::fields::Fields;

/// Groups of fields that are read: one of the message, one of each recipient. Our emails have one
/// recipient, whose server may have sent copies to others.
const MAX_GROUPS: usize = 20;

/// Whether no email can reach the mailbox, and why: status and diagnostic of the first recipient with the
/// gravest failure. `None` if the email did not fail: it is delayed, delivered, relayed or expanded.
pub(super) fn failure(text: &str) -> Option<(bool, String)> {
    let is_class = |c: char| c.is_ascii_digit();
    let mut failures = Vec::new();
    for group in groups(text).into_iter().take(MAX_GROUPS) {
        let Some(fields) = Fields::parse(&group) else { continue };
        if fields.word("Action").as_deref() != Some("failed") {
            continue;
        }
        let diagnostic = fields.get("Diagnostic-Code").unwrap_or_default();
        // The type of the code, such as `smtp;`, says nothing to a reader.
        let diagnostic = diagnostic.split_once(';').map_or(diagnostic, |(_, text)| text).trim();
        let status = fields.word("Status").filter(|status| status.starts_with(is_class));
        let status = status.unwrap_or_default();
        failures.push((concerns_mailbox(&status, diagnostic), format!("{status} {diagnostic}")));
    }
    let gravest = failures.iter().position(|(is_gravest, _)| *is_gravest).unwrap_or_default();
    (!failures.is_empty()).then(|| failures.swap_remove(gravest))
}

/// Groups of lines between empty lines.
fn groups(text: &str) -> Vec<String> {
    let mut groups = vec![String::new()];
    for line in text.lines() {
        let is_empty = line.trim().is_empty();
        if let Some(group) = groups.last_mut().filter(|group| !is_empty || group.is_empty()) {
            if !is_empty {
                group.push_str(line);
                group.push_str("\r\n");
            }
        } else if groups.len() == MAX_GROUPS {
            break;
        } else {
            groups.push(String::new());
        }
    }
    for group in &mut groups {
        group.push_str("\r\n");
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_failed_recipient_is_a_bounce() {
        for action in ["delayed", "delivered", "relayed", "expanded", "", "failed-not"] {
            let text = format!("Reporting-MTA: dns; mx\n\nAction: {action}\nStatus: 5.1.1\n");
            assert_eq!(failure(&text), None, "{action}");
        }
        let text =
            "Reporting-MTA: dns; mx\n\naction:  FAILED (gone)\nstatus: 5.1.1 (no such user)\n";
        assert_eq!(failure(text), Some((true, "5.1.1 ".into())));
    }

    #[test]
    fn gravest_failure_of_all_recipients_counts() {
        let text = "Reporting-MTA: dns; mx\n\n\nAction: delivered\nStatus: 2.0.0\n\nAction: failed\n\
                    Status: 4.4.7\n\nAction: failed\nStatus: 5.2.1\nDiagnostic-Code: smtp;\n 550 off\n";
        assert_eq!(failure(text), Some((true, "5.2.1 550 off".into())));
    }
}
