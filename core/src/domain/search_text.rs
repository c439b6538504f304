//! What somebody looks for.

use unicode_normalization::UnicodeNormalization as _;

use crate::error::Flaw;

/// A text to look for in addresses and names: at most 254 code points and no controls as it was
/// typed, then trimmed, Unicode NFC as names are; not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// Most code points of it: as many as an address has bytes.
    pub const MAX_CHARS: usize = 254;

    /// Reads a text as somebody typed it; an empty one is none.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Option<Self>, Flaw> {
        if typed.chars().nth(Self::MAX_CHARS).is_some() {
            return Err(Flaw::new("too_long", "a search text has at most 254 characters"));
        }
        if typed.chars().any(char::is_control) {
            let detail = "a search text has no control characters";
            return Err(Flaw::new("forbidden_character", detail));
        }
        let text: String = typed.trim().nfc().collect();
        Ok((!text.is_empty()).then_some(Self(text)))
    }

    /// The text as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern (for `like`) of texts that contain this one. Nothing in it is a wildcard.
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
    fn what_is_looked_for_is_no_pattern() {
        assert_eq!(text(r"a%b_c\").pattern(), r"%a\%b\_c\\%");
    }

    #[test]
    fn a_text_is_trimmed_and_composed_and_may_be_none() {
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
