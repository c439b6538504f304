//! Why an administrator disabled or enabled an account.

use super::display_name::is_invisible;
use crate::error::Flaw;

/// Why an account was disabled or enabled: at most 500 code points as it was typed, then trimmed; not
/// empty, nothing invisible in it.
/// It may be personal: it goes into no event and no log, and only administrators read it.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusReason(String);

impl StatusReason {
    /// Most code points a reason may have.
    pub const MAX_CHARS: usize = 500;

    /// Reads a reason as somebody typed it; an empty one is none.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Option<Self>, Flaw> {
        if typed.chars().nth(Self::MAX_CHARS).is_some() {
            return Err(Flaw::new("too_long", "a reason has at most 500 characters"));
        }
        let text = typed.trim();
        if text.chars().any(|c| is_invisible(c) && c != '\n') {
            let detail = "a reason has no control or invisible characters";
            return Err(Flaw::new("forbidden_character", detail));
        }
        Ok((!text.is_empty()).then(|| Self(text.to_owned())))
    }

    /// The reason as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for StatusReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StatusReason")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_have_lines_and_may_be_missing() {
        let reason = |typed: &str| StatusReason::parse(typed).unwrap();
        assert_eq!(reason(" spam\nsince May ").unwrap().as_str(), "spam\nsince May");
        assert_eq!(reason(" \n"), None);
    }

    #[test]
    fn long_and_invisible_reasons_are_refused() {
        for (typed, code) in [
            ("x".repeat(501), "too_long"),
            ("a\u{0}b".into(), "forbidden_character"),
            ("a\u{202e}b".into(), "forbidden_character"),
        ] {
            assert_eq!(StatusReason::parse(&typed).unwrap_err().code, code, "{typed:?}");
        }
    }
}
