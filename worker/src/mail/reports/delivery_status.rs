//! Delivery status notifications (RFC 3464; RFC 6533 for addresses beyond ASCII).

use super::fields::Fields;

/// Groups of fields that are read: one of the message, one of each recipient. Our emails have one
/// recipient, whose server may have sent copies to others.
const MAX_GROUPS: usize = 20;

/// Whether the email failed for good, and why: status and diagnostic of the first recipient with the
/// gravest failure. `None` if it did not fail: it is delayed, delivered, relayed or expanded.
pub(super) fn failure(text: &str) -> Option<(bool, String)> {
    let mut failures = Vec::new();
    for group in groups(text).into_iter().take(MAX_GROUPS) {
        let Some(fields) = Fields::parse(&group) else { continue };
        if fields.word("Action").as_deref() != Some("failed") {
            continue;
        }
        let diagnostic = fields.get("Diagnostic-Code").unwrap_or_default();
        // The type of the code, such as `smtp;`, says nothing to a reader.
        let diagnostic = diagnostic.split_once(';').map_or(diagnostic, |(_, text)| text).trim();
        let status = fields.word("Status").filter(|status| class(status).is_some());
        let class = status.as_deref().and_then(class).or_else(|| class_in(diagnostic));
        let reason = format!("{} {diagnostic}", status.unwrap_or_default());
        failures.push((class == Some(b'5'), reason));
    }
    let gravest = failures.iter().position(|(is_permanent, _)| *is_permanent).unwrap_or_default();
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

/// The class of a status (RFC 3463): 5 is permanent, 4 is not.
fn class(status: &str) -> Option<u8> {
    let parts: Vec<&str> = status.split('.').collect();
    let is_number = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_status = parts.len() == 3 && parts.iter().all(is_number);
    parts.first().filter(|class| is_status && class.len() == 1)?.bytes().next()
}

/// The class of the first status or reply code in a diagnostic, for servers that send no status.
fn class_in(diagnostic: &str) -> Option<u8> {
    let words = diagnostic.split(|c: char| !c.is_ascii_digit() && c != '.');
    let is_code = |word: &&str| {
        let is_reply = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
        matches!(word.bytes().next(), Some(b'4' | b'5')) && (is_reply || class(word).is_some())
    };
    words.into_iter().find(is_code)?.bytes().next()
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

    #[test]
    fn class_comes_from_the_diagnostic_if_there_is_no_status() {
        let failure = |status: &str, code: &str| {
            failure(&format!("X: y\n\nAction: failed\nStatus: {status}\nDiagnostic-Code: {code}\n"))
                .map(|(is_permanent, _)| is_permanent)
        };
        assert_eq!(failure("", "smtp; 550 5.1.1 no"), Some(true));
        assert_eq!(failure("unknown", "smtp; 550 no such user"), Some(true));
        assert_eq!(failure("5.1", "smtp; 452-4.2.2 full"), Some(false));
        assert_eq!(failure("", "x-local; host 10.5.5.5 said nothing"), Some(false));
        assert_eq!(failure("", ""), Some(false));
        assert_eq!(failure("4.4.7", "smtp; 550 late"), Some(false), "the status decides");
    }
}
