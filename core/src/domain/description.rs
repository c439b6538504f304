//! The description of a webhook.

use super::text::{TextRules, is_invisible};
use crate::error::Flaw;

/// What a webhook's endpoint is for, in an administrator's words: trimmed, Unicode NFC, at most 200
/// code points, no invisible characters; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// The maximum number of code points.
    pub const MAX_CHARS: usize = 200;

    /// Reads a description as typed.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        let noun = "a description";
        let rules = TextRules { noun, max_chars: Self::MAX_CHARS, forbids: is_invisible };
        rules.read(typed).map(Self)
    }

    /// The description as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_may_be_empty() {
        assert_eq!(Description::parse(" CRM ").unwrap().as_str(), "CRM");
        assert_eq!(Description::parse("  ").unwrap(), Description::default());
    }

    #[test]
    fn long_and_invisible_descriptions_are_refused() {
        for (typed, code) in [("x".repeat(201), "too_long"), ("a\nb".into(), "forbidden_character")]
        {
            assert_eq!(Description::parse(&typed).unwrap_err().code, code, "{typed:?}");
        }
    }
}
