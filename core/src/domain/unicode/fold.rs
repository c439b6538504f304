//! How texts are compared.

use icu_properties::props::{DefaultIgnorableCodePoint, SoftDotted};
use unicode_normalization::UnicodeNormalization as _;

use super::properties::has;

/// Texts that differ in case, composition, width or invisible characters are equal in this form
/// (NFKC_Casefold of UAX #44), and so are letters that share an upper-case form in any language: the
/// dotless `\u{131}` and `i`.
///
/// The form of a text never changes with a later version of Unicode.
pub(in crate::domain) fn fold(text: &str) -> String {
    let visible = text.nfkc().filter(|&c| !has::<DefaultIgnorableCodePoint>(c));
    let lower = visible.flat_map(char::to_lowercase);
    // Some letters have only their upper-case form in common, and some only their lower-case form.
    let lower: String = lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect();
    let mut before = None;
    // The lower-case form of \u{130} is an i with one more dot.
    let mut is_second_dot = |c| before.replace(c).is_some_and(has::<SoftDotted>) && c == '\u{307}';
    lower.nfkd().filter(|&c| !is_second_dot(c)).nfc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn twins_of_case_width_and_composition_are_equal() {
        for twins in [
            &["stra\u{df}e", "STRASSE", "Strasse", "stra\u{1e9e}e"][..],
            &[
                "\u{3bf}\u{3b4}\u{3cc}\u{3c2}",
                "\u{39f}\u{394}\u{38c}\u{3a3}",
                "\u{3bf}\u{3b4}\u{3bf}\u{301}\u{3c3}",
            ],
            &[
                "\u{131}\u{15f}\u{131}k",
                "I\u{15e}IK",
                "i\u{15f}ik",
                "\u{130}\u{15e}\u{130}K",
                "i\u{307}\u{15f}i\u{307}k",
            ],
            &["\u{ab70}\u{13a1}", "\u{13a0}\u{ab71}"],
            &["\u{ff41}\u{ff24}a", "ada"],
            &["\u{1c90}", "\u{10d0}"],
            &["\u{17f}ara", "sara"],
            &["\u{b5}", "\u{3bc}", "\u{39c}"],
            &["\u{e19}\u{e49}\u{e33}", "\u{e19}\u{e49}\u{e4d}\u{e32}"],
            &["\u{646}\u{6cc}\u{200c}\u{645}", "\u{646}\u{6cc}\u{645}"],
            &["o\u{fb03}ce", "OFFICE"],
            &["\u{ac00}", "\u{1100}\u{1161}"],
        ] {
            for twin in twins {
                assert_eq!(fold(twin), fold(twins[0]), "{twin:?}");
            }
        }
        assert_ne!(fold("\u{e9}"), fold("e"));
    }

    proptest! {
        #[test]
        fn every_case_and_composition_is_equal(text in "\\PC{0,12}") {
            let text: String = text.nfkc().collect();
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.as_str());
            for twin in [text.to_uppercase(), text.to_lowercase()] {
                prop_assert_eq!(fold(&twin), folded.as_str(), "{}", twin);
            }
        }
    }
}
