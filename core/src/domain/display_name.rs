//! The display name of an account.

use super::text::{TextRules, is_invisible};
use crate::error::Flaw;

/// A display name: trimmed, Unicode NFC, 1 to 100 code points (also as typed), no invisible characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// The name of an account whose owner has chosen none.
    pub(crate) const NONE: &str = "New user";
    /// The maximum number of code points.
    pub const MAX_CHARS: usize = 100;

    /// Reads a name as typed.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        let noun = "a name";
        let rules = TextRules { noun, max_chars: Self::MAX_CHARS, forbids: is_invisible };
        let name = rules.read(typed)?;
        if name.is_empty() {
            Err(Flaw::new("required", "a name is needed"))
        } else {
            Ok(Self(name))
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_long_and_invisible_names_are_refused() {
        for (typed, code) in [
            ("", "required"),
            (" \t ", "required"),
            (&"x".repeat(101), "too_long"),
            ("a\r\nBcc: b", "forbidden_character"),
        ] {
            assert_eq!(DisplayName::parse(typed).unwrap_err().code, code, "{typed:?}");
        }
        assert_eq!(DisplayName::parse(&"x".repeat(100)).unwrap().as_str().len(), 100);
    }
}
