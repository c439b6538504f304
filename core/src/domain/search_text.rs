//! What an administrator searches for.

use super::text::TextRules;
use crate::error::Flaw;

/// A text to search for in addresses and names: trimmed, Unicode NFC as names are, at most 254 code
/// points, no control characters, not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// The maximum number of code points: that of an address in bytes.
    pub const MAX_CHARS: usize = 254;

    /// Reads a text as typed; an empty one is `None`.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Option<Self>, Flaw> {
        let (noun, forbids) = ("a search text", char::is_control);
        let text = TextRules { noun, max_chars: Self::MAX_CHARS, forbids }.read(typed)?;
        Ok((!text.is_empty()).then_some(Self(text)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `like` pattern of texts that contain this one. Wildcards in it are escaped.
    #[must_use]
    pub fn pattern(&self) -> String {
        let escaped = self.0.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
        format!("%{escaped}%")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(typed: &str) -> SearchText {
        SearchText::parse(typed).unwrap().unwrap()
    }

    #[test]
    fn wildcards_are_escaped() {
        assert_eq!(text(r"a%b_c\").pattern(), r"%a\%b\_c\\%");
    }

    #[test]
    fn a_search_text_is_composed_and_may_be_none() {
        assert_eq!(text(" Zoe\u{308} ").as_str(), "Zo\u{eb}");
        assert_eq!(SearchText::parse("  ").unwrap(), None);
    }

    #[test]
    fn long_texts_and_controls_are_refused() {
        for (typed, code) in
            [("x".repeat(255), "too_long"), ("a\u{0}b".into(), "forbidden_character")]
        {
            assert_eq!(SearchText::parse(&typed).unwrap_err().code, code, "{typed:?}");
        }
    }
}
