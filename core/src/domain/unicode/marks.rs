//! Marks that a reader cannot tell apart: repeated, stacked high or without a letter (UTS #39, section 5.4).

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use unicode_normalization::UnicodeNormalization as _;

use super::properties::{Oddity, category, forbid};
use crate::error::Flaw;

/// The maximum number of marks on one letter.
const MAX_HEIGHT: usize = 4;

/// # Errors
///
/// `forbidden_character`; the detail names it.
pub(super) fn check(text: &str) -> Result<(), Flaw> {
    let (mut before, mut height) = (None, 0);
    for c in text.nfd() {
        let has_no_letter =
            before.is_none_or(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
        if has_no_letter && GeneralCategoryGroup::Mark.contains(category(c)) {
            return Err(forbid(c, Oddity::Other, "is a mark without a letter"));
        }
        let is_above_or_below = category(c) == GeneralCategory::NonspacingMark;
        height = if is_above_or_below { height + 1 } else { 0 };
        if is_above_or_below && (before == Some(c) || height > MAX_HEIGHT) {
            return Err(forbid(c, Oddity::Other, "is one mark too many on a letter"));
        }
        before = Some(c);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn marks_belong_to_a_letter_and_are_told_apart() {
        for text in ["e\u{301}", "\u{5e9}\u{5bc}\u{5c1}\u{5b8}\u{591}", "\u{e19}\u{e35}\u{e49}"] {
            assert_eq!(check(text), Ok(()), "{text:?}");
        }
        for text in [
            "\u{301}",
            "a \u{301}",
            "a.\u{301}",
            "e\u{301}\u{301}",
            "\u{e9}\u{301}",
            "a\u{300}\u{301}\u{302}\u{303}\u{304}",
        ] {
            assert!(check(text).is_err(), "{text:?}");
        }
    }
}
