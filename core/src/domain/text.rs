//! Texts that people type.

use unicode_normalization::UnicodeNormalization as _;

use super::unicode::{look_alikes, visible};
use crate::error::Flaw;

/// Kinds of texts: trimmed, composed (Unicode NFC), of bounded length, without what `check` refuses.
macro_rules! texts {
    ($(
        $(#[$attribute:meta])*
        $name:ident { noun: $noun:literal, max_chars: $max_chars:literal, check: $check:expr }
    )+) => {$(
        $(#[$attribute])*
        pub struct $name(String);

        impl $name {
            /// The maximum number of code points, both as typed and as stored.
            pub const MAX_CHARS: usize = $max_chars;

            /// Reads a text as typed; an empty one is `None`.
            ///
            /// # Errors
            ///
            /// A [`Flaw`] that says what is wrong with it.
            pub fn parse_optional(typed: &str) -> Result<Option<Self>, Flaw> {
                let text = read(typed, $noun, Self::MAX_CHARS, $check)?;
                Ok((!text.is_empty()).then_some(Self(text)))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )+};
}

texts! {
    /// A display name: trimmed, Unicode NFC, 1 to 100 code points (also as typed), no invisible
    /// characters, no word that imitates one of another script.
    #[derive(Debug, Clone, PartialEq, Eq)]
    DisplayName { noun: "a name", max_chars: 100, check: check_name }

    /// What a webhook's endpoint is for, in an administrator's words: trimmed, Unicode NFC, at most 200
    /// code points, no invisible characters; may be empty.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    Description { noun: "a description", max_chars: 200, check: visible::check }

    /// A text to search for in addresses and names: trimmed, Unicode NFC as names are, at most 254 code
    /// points (the length of an address in bytes), no control characters, not empty.
    #[derive(Debug, Clone, PartialEq, Eq)]
    SearchText { noun: "a search text", max_chars: 254, check: check_controls }

    /// Why an account was disabled or enabled: trimmed, Unicode NFC, at most 500 code points, not empty,
    /// no invisible characters except line feeds. It may be personal: no event or log carries it, and
    /// only administrators read it.
    StatusReason { noun: "a reason", max_chars: 500, check: check_lines }
}

impl DisplayName {
    /// The name of an account whose owner has chosen none.
    pub(crate) const NONE: &str = "New user";

    /// Reads a name as typed.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        Self::parse_optional(typed)?.ok_or_else(|| Flaw::new("required", "a name is needed"))
    }
}

impl Description {
    /// Reads a description as typed.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        Ok(Self::parse_optional(typed)?.unwrap_or_default())
    }
}

impl SearchText {
    /// The `like` pattern of texts that contain this one. Wildcards in it are escaped.
    #[must_use]
    pub fn pattern(&self) -> String {
        let escaped = self.0.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
        format!("%{escaped}%")
    }
}

/// Reads a text as typed: trimmed, composed and without directional marks, which people paste along and
/// do not see. It may be empty. `noun` names it in messages.
///
/// # Errors
///
/// `too_long` or `forbidden_character`.
fn read(
    typed: &str,
    noun: &str,
    max_chars: usize,
    check: fn(&str) -> Result<(), Flaw>,
) -> Result<String, Flaw> {
    let is_long = |text: &str| text.chars().nth(max_chars).is_some();
    let too_long = || {
        let detail = format!("{noun} has at most {max_chars} characters");
        Flaw::new("too_long", detail).with("max", max_chars)
    };
    if is_long(typed) {
        return Err(too_long());
    }
    let unmarked = typed.replace(visible::DIRECTIONAL_MARKS, "");
    let text: String = visible::trim(&unmarked).nfc().collect();
    // Some letters have no composed form and become more than one.
    if is_long(&text) {
        return Err(too_long());
    }
    check(&text)?;
    Ok(text)
}

fn check_name(text: &str) -> Result<(), Flaw> {
    visible::check(text)?;
    look_alikes::check_words(text)
}

fn check_lines(text: &str) -> Result<(), Flaw> {
    text.split('\n').try_for_each(visible::check)
}

fn check_controls(text: &str) -> Result<(), Flaw> {
    text.chars().find(|c| c.is_control()).map_or(Ok(()), |c| Err(visible::control(c)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_ten(typed: &str) -> Result<String, Flaw> {
        read(typed, "a text", 10, visible::check)
    }

    #[test]
    fn text_is_trimmed_and_composed() {
        assert_eq!(read_ten("  Zoe\u{308} ").unwrap(), "Zo\u{eb}");
        assert_eq!(read_ten(" \t ").unwrap(), "");
    }

    #[test]
    fn long_text_is_refused_as_typed_and_as_stored() {
        for typed in ["x".repeat(11), format!("{}  ", "x".repeat(9)), "\u{958}".repeat(6)] {
            let flaw = read_ten(&typed).unwrap_err();
            let expected = Flaw::new("too_long", "a text has at most 10 characters");
            let expected = expected.with("max", 10);
            assert_eq!(flaw, expected, "{typed:?}");
        }
    }

    #[test]
    fn invisible_characters_are_refused() {
        for typed in ["a\u{0}b", "a\r\nBcc: b", "a\u{202e}b", "a\u{200b}b", "a\u{200d}b"] {
            assert_eq!(read_ten(typed).unwrap_err().code, "forbidden_character", "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn text_is_one_visible_line_and_stable(typed in "\\PC{0,12}|(?s).{0,12}") {
            if let Ok(text) = read_ten(&typed) {
                prop_assert!(text.chars().count() <= 10);
                prop_assert!(!text.chars().any(char::is_control));
                prop_assert_eq!(read_ten(&text).unwrap(), text);
            }
        }
    }

    #[test]
    fn what_people_paste_along_is_removed() {
        let david = "\u{5d3}\u{5d5}\u{5d3}";
        for typed in [
            format!("\u{200f}{david}"),
            format!("\u{feff}\u{a0}{david}\u{200e}"),
            format!("\u{202b}{david}\u{202c}"),
            format!("\u{2067}{david}\u{2069}"),
            "\u{5d3}\u{200f}\u{5d5}\u{61c}\u{5d3}".into(),
        ] {
            assert_eq!(DisplayName::parse(&typed).unwrap().as_str(), david, "{typed:?}");
        }
    }

    #[test]
    fn empty_long_and_deceptive_names_are_refused() {
        for (typed, code) in [
            ("", "required"),
            (" \t ", "required"),
            ("\u{feff}\u{200b}\u{200f}", "required"),
            (&"x".repeat(101), "too_long"),
            ("a\r\nBcc: b", "forbidden_character"),
            ("\u{3164}", "forbidden_character"),
            ("\u{2800}\u{2800}", "forbidden_character"),
            ("\u{410}dmin", "forbidden_character"),
        ] {
            assert_eq!(DisplayName::parse(typed).unwrap_err().code, code, "{typed:?}");
        }
        assert_eq!(DisplayName::parse(&"x".repeat(100)).unwrap().as_str().len(), 100);
    }

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

    #[test]
    fn wildcards_are_escaped() {
        let text = SearchText::parse_optional(r"a%b_c\").unwrap().unwrap();
        assert_eq!(text.pattern(), r"%a\%b\_c\\%");
    }

    #[test]
    fn a_search_text_is_composed_and_may_be_none() {
        let text = SearchText::parse_optional(" Zoe\u{308} ").unwrap().unwrap();
        assert_eq!(text.as_str(), "Zo\u{eb}");
        assert_eq!(SearchText::parse_optional("  ").unwrap(), None);
    }

    #[test]
    fn long_search_texts_and_controls_are_refused() {
        for (typed, code) in
            [("x".repeat(255), "too_long"), ("a\u{0}b".into(), "forbidden_character")]
        {
            assert_eq!(SearchText::parse_optional(&typed).unwrap_err().code, code, "{typed:?}");
        }
    }

    #[test]
    fn a_reason_may_have_lines_and_may_be_missing() {
        let reason = |typed: &str| StatusReason::parse_optional(typed).unwrap();
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
            assert_eq!(StatusReason::parse_optional(&typed).err().unwrap().code, code, "{typed:?}");
        }
    }
}
