//! Rules for texts that people type.

use unicode_normalization::UnicodeNormalization as _;

use crate::error::Flaw;

/// The rules for a kind of text. Every text is trimmed and composed (Unicode NFC).
pub(super) struct TextRules {
    /// What the text is called in messages, for example `a name`.
    pub(super) noun: &'static str,
    /// The maximum number of code points, both as typed and as stored.
    pub(super) max_chars: usize,
    /// The characters that must not be in the text.
    pub(super) forbids: fn(char) -> bool,
}

impl TextRules {
    /// Reads a text as typed. It may be empty.
    ///
    /// # Errors
    ///
    /// `too_long` or `forbidden_character`.
    pub(super) fn read(&self, typed: &str) -> Result<String, Flaw> {
        let Self { noun, max_chars, forbids } = *self;
        let check_length = |text: &str| match text.chars().nth(max_chars) {
            Some(_) => {
                Err(Flaw::new("too_long", format!("{noun} has at most {max_chars} characters")))
            }
            None => Ok(()),
        };
        check_length(typed)?;
        let text: String = typed.trim().nfc().collect();
        // Some letters have no composed form and become more than one.
        check_length(&text)?;
        if text.chars().any(forbids) {
            let detail = format!("{noun} has no control or invisible characters");
            return Err(Flaw::new("forbidden_character", detail));
        }
        Ok(text)
    }
}

/// Whether a character can forge what a reader sees: controls, line separators, zero-width characters
/// (except the joiners that scripts and emoji need) and marks that change the direction of text.
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

    const RULES: TextRules = TextRules { noun: "a text", max_chars: 10, forbids: is_invisible };

    #[test]
    fn text_is_trimmed_and_composed() {
        assert_eq!(RULES.read("  Zoe\u{308} ").unwrap(), "Zo\u{eb}");
        assert_eq!(RULES.read(" \t ").unwrap(), "");
    }

    #[test]
    fn long_text_is_refused_as_typed_and_as_stored() {
        for typed in ["x".repeat(11), format!("{}  ", "x".repeat(9)), "\u{958}".repeat(6)] {
            let flaw = RULES.read(&typed).unwrap_err();
            assert_eq!(
                flaw,
                Flaw::new("too_long", "a text has at most 10 characters"),
                "{typed:?}"
            );
        }
    }

    #[test]
    fn invisible_characters_are_refused() {
        for typed in ["a\u{0}b", "a\r\nBcc: b", "a\u{202e}b", "a\u{200b}b", "a\u{2028}b"] {
            assert_eq!(RULES.read(typed).unwrap_err().code, "forbidden_character", "{typed:?}");
        }
        assert!(RULES.read("a\u{200d}b").is_ok(), "emoji need joiners");
    }

    proptest! {
        #[test]
        fn text_is_one_visible_line_and_stable(typed in "\\PC{0,12}|(?s).{0,12}") {
            if let Ok(text) = RULES.read(&typed) {
                prop_assert!(text.chars().count() <= RULES.max_chars);
                prop_assert!(!text.chars().any(|c| c.is_control() || is_invisible(c)));
                prop_assert_eq!(RULES.read(&text).unwrap(), text);
            }
        }
    }
}
