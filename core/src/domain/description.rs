//! What an endpoint is for.

use super::display_name::is_invisible;
use crate::error::Flaw;

/// What an endpoint is for, in the words of an administrator: trimmed, 200 code points at most,
/// nothing invisible in it; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// Most code points it may have.
    pub const MAX_CHARS: usize = 200;

    /// Reads a description as somebody typed it.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        let text = typed.trim();
        if text.chars().count() > Self::MAX_CHARS {
            return Err(Flaw::new("too_long", "a description has at most 200 characters"));
        }
        if text.chars().any(is_invisible) {
            let detail = "a description has no control or invisible characters";
            return Err(Flaw::new("forbidden_character", detail));
        }
        Ok(Self(text.to_owned()))
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
    fn a_description_is_trimmed_and_may_be_empty() {
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
