//! Language tags as clients send them.

use crate::error::Flaw;

/// A well-formed language tag (BCP 47), such as `pt-BR`. The language need not be shipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageTag(oxilangtag::LanguageTag<String>);

impl LanguageTag {
    /// The maximum length. Tags in use have at most 35 characters (RFC 5646, section 4.4.1).
    pub const MAX_CHARS: usize = 64;

    /// Reads a tag.
    ///
    /// # Errors
    ///
    /// `too_long`, or `malformed` if it does not have the syntax of RFC 5646.
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        if typed.len() > Self::MAX_CHARS {
            let detail = format!("a language tag has at most {} characters", Self::MAX_CHARS);
            return Err(Flaw::new("too_long", detail));
        }
        let detail = "this must be a language tag (BCP 47) such as de or pt-BR";
        let tag = oxilangtag::LanguageTag::parse(typed.to_owned());
        tag.map(Self).map_err(|_| Flaw::new("malformed", detail))
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_well_formed_and_short() {
        for good in ["de", "pt-BR", "PT-br", "zh-Hans-CN", "de-u-co-phonebk", "x-klingon"] {
            assert_eq!(LanguageTag::parse(good).unwrap().as_str(), good);
        }
        for (bad, code) in [
            ("", "malformed"),
            ("d", "malformed"),
            ("de_DE", "malformed"),
            ("de-", "malformed"),
            (" de", "malformed"),
            ("*", "malformed"),
            ("deutsch, bitte", "malformed"),
            ("de\u{0}", "malformed"),
            (&format!("de{}", "-abcdefgh".repeat(7)), "too_long"),
        ] {
            assert_eq!(LanguageTag::parse(bad).unwrap_err().code, code, "{bad:?}");
        }
    }
}
