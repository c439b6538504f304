//! Why an email bounced, in the words of a stranger.

/// The status and the diagnostic of a bounce, or the type of a complaint: one line, bounded, without
/// addresses. Safe to store and to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportReason(String);

impl ReportReason {
    /// The maximum length in characters.
    pub const MAX_CHARS: usize = 300;

    /// Cleans a text that may be anything: reads at most 2,000 characters, and replaces each word that
    /// has an `@`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let is_end = |c: char| c.is_whitespace() || c.is_control() || "<>()[]\"',;".contains(c);
        let mut reason = String::new();
        for piece in text.split_inclusive(is_end).take(1_000) {
            let word = piece.trim_end_matches(is_end);
            reason.push_str(if word.contains('@') { "[address]" } else { word });
            let is_blank = |c: char| c.is_whitespace() || c.is_control();
            let end = piece[word.len()..].chars().next();
            let end = end.map(|end| if is_blank(end) { ' ' } else { end });
            if let Some(end) = end.filter(|end| *end != ' ' || !reason.ends_with(' ')) {
                reason.push(end);
            }
            if reason.len() > 8 * Self::MAX_CHARS {
                break;
            }
        }
        Self(reason.trim().chars().take(Self::MAX_CHARS).collect())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_and_line_ends_are_removed() {
        let text = "550 5.1.1\r\n <Ada@example.org>: no ada@example.org,\u{0}here (x@y; \"a@b\")";
        assert_eq!(
            ReportReason::new(text).as_str(),
            "550 5.1.1 <[address]>: no [address], here ([address]; \"[address]\")"
        );
    }

    proptest! {
        #[test]
        fn every_reason_is_one_short_line_without_an_address(text in "(\\PC|[@<>\r\n\t]){0,800}") {
            let reason = ReportReason::new(&text);
            prop_assert!(reason.as_str().chars().count() <= ReportReason::MAX_CHARS);
            prop_assert!(!reason.as_str().contains('@'));
            prop_assert!(!reason.as_str().chars().any(char::is_control));
        }
    }
}
