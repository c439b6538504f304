//! Why an administrator disabled or enabled an account.

use super::text::{TextRules, is_invisible};
use crate::error::Flaw;

/// Why an account was disabled or enabled: trimmed, Unicode NFC, at most 500 code points, not empty, no
/// invisible characters except line feeds. It may be personal: no event or log carries it, and only
/// administrators read it.
pub struct StatusReason(String);

impl StatusReason {
    /// The maximum number of code points.
    pub const MAX_CHARS: usize = 500;

    /// Reads a reason as typed; an empty one is `None`.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Option<Self>, Flaw> {
        let forbids = |c| is_invisible(c) && c != '\n';
        let rules = TextRules { noun: "a reason", max_chars: Self::MAX_CHARS, forbids };
        let text = rules.read(typed)?;
        Ok((!text.is_empty()).then_some(Self(text)))
    }

    /// The reason as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_have_lines_and_may_be_missing() {
        let reason = |typed: &str| StatusReason::parse(typed).unwrap();
        assert_eq!(reason(" spam\nsince May ").unwrap().as_str(), "spam\nsince May");
        assert!(reason(" \n").is_none());
    }

    #[test]
    fn long_and_invisible_reasons_are_refused() {
        for (typed, code) in [
            ("x".repeat(501), "too_long"),
            ("a\u{0}b".into(), "forbidden_character"),
            ("a\u{202e}b".into(), "forbidden_character"),
        ] {
            assert_eq!(StatusReason::parse(&typed).err().unwrap().code, code, "{typed:?}");
        }
    }
}
