//! The name that an account shows.

use unicode_normalization::UnicodeNormalization as _;

use crate::error::Flaw;

/// A name to show: trimmed, Unicode NFC, 1 to 100 code points (also as it was typed), nothing
/// invisible in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// The name of an account whose owner has not chosen one.
    pub(crate) const NONE: &str = "New user";
    /// Most code points a name may have.
    pub const MAX_CHARS: usize = 100;

    /// Reads a name as somebody typed it.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        let too_long = || Flaw::new("too_long", "a name has at most 100 characters");
        if typed.chars().nth(Self::MAX_CHARS).is_some() {
            return Err(too_long());
        }
        let name: String = typed.trim().nfc().collect();
        if name.is_empty() {
            return Err(Flaw::new("required", "a name is needed"));
        }
        // Some letters have no composed form, and become more than one.
        if name.chars().nth(Self::MAX_CHARS).is_some() {
            return Err(too_long());
        }
        if name.chars().any(is_invisible) {
            return Err(Flaw::new(
                "forbidden_character",
                "a name has no control or invisible characters",
            ));
        }
        Ok(Self(name))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Controls, line separators, zero-width characters (but the joiners that scripts and emoji need)
/// and marks that turn the direction of text: they forge what a reader sees.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_trimmed_and_composed() {
        assert_eq!(DisplayName::parse("  Zoe\u{308} ").unwrap().as_str(), "Zo\u{eb}");
    }

    #[test]
    fn empty_long_and_invisible_names_are_refused() {
        for (typed, code) in [
            ("", "required"),
            (" \t ", "required"),
            (&"x".repeat(101), "too_long"),
            (&format!("{}  ", "x".repeat(99)), "too_long"),
            (&"\u{958}".repeat(51), "too_long"),
            ("a\u{0}b", "forbidden_character"),
            ("a\r\nBcc: b", "forbidden_character"),
            ("a\u{202e}b", "forbidden_character"),
        ] {
            assert_eq!(DisplayName::parse(typed).unwrap_err().code, code, "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_a_name_is_one_visible_line_and_stable(typed in "\\PC{0,110}|(?s).{0,20}") {
            if let Ok(name) = DisplayName::parse(&typed) {
                prop_assert!((1..=DisplayName::MAX_CHARS).contains(&name.as_str().chars().count()));
                prop_assert!(!name.as_str().chars().any(|c| c.is_control() || is_invisible(c)));
                prop_assert_eq!(DisplayName::parse(name.as_str()).unwrap(), name);
            }
        }
    }
}
