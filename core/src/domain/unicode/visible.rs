//! Refuses what a reader does not see, and removes what people paste along.

use icu_properties::props::{
    BidiControl, DefaultIgnorableCodePoint, GeneralCategory, JoinControl, NoncharacterCodePoint,
    PrependedConcatenationMark,
};
use unicode_security::skeleton;

use super::{
    marks,
    properties::{Oddity, category, forbid, has},
    sequences,
};
use crate::error::Flaw;

const CONTROL: &str = "is a control character";

/// Blank by definition, although no property says so: the musical null notehead, the blanks of Egyptian
/// hieroglyphs, and the filler of the Khitan small script.
const BLANKS: [char; 4] = ['\u{1d159}', '\u{13441}', '\u{13442}', '\u{16fe4}'];

/// Marks that show nothing and only help text of mixed directions (UAX #9, section 2.6). In short texts they
/// are of no use.
pub(in crate::domain) const DIRECTIONAL_MARKS: [char; 3] = ['\u{61c}', '\u{200e}', '\u{200f}'];

/// Removes what people paste along at both ends: white space and invisible format characters.
pub(in crate::domain) fn trim(typed: &str) -> &str {
    typed.trim_matches(|c: char| c.is_whitespace() || is_pasted(c))
}

/// An invisible format character. Joiners and the tags of a flag belong to their neighbours.
fn is_pasted(c: char) -> bool {
    category(c) == GeneralCategory::Format
        && has::<DefaultIgnorableCodePoint>(c)
        && !has::<JoinControl>(c)
        && !sequences::is_tag(c)
}

/// Refuses a text that is not one visible line.
///
/// Invisible characters are allowed where they change how their neighbours look: joiners in the scripts
/// that need them, and the parts of emoji and ideographs.
///
/// # Errors
///
/// `forbidden_character`; the detail names it.
pub(in crate::domain) fn check(text: &str) -> Result<(), Flaw> {
    let chars: Vec<char> = text.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        if let Some(why) = oddity(c)
            && !sequences::is_part(&chars[..at], c, &chars[at + 1..])
        {
            return Err(forbid(c, Oddity::Invisible, why));
        }
    }
    marks::check(text)
}

/// Refuses a control character.
pub(in crate::domain) fn control(c: char) -> Flaw {
    forbid(c, Oddity::Invisible, CONTROL)
}

/// What is odd about a character, whatever its neighbours are.
fn oddity(c: char) -> Option<&'static str> {
    match category(c) {
        GeneralCategory::Control => Some(CONTROL),
        GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => {
            Some("breaks the line")
        }
        GeneralCategory::PrivateUse => Some("has a meaning in private fonts only"),
        _ if has::<NoncharacterCodePoint>(c) => Some("is not a character"),
        _ if has::<BidiControl>(c) => Some("changes the direction of text"),
        GeneralCategory::Format if !has::<PrependedConcatenationMark>(c) => Some("is invisible"),
        _ if has::<DefaultIgnorableCodePoint>(c) || is_blank(c) => Some("is invisible"),
        _ => None,
    }
}

/// Whether a character looks like a blank (UTS #39, section 4) but is none.
fn is_blank(c: char) -> bool {
    let looks_blank = || skeleton(c.encode_utf8(&mut [0; 4])).eq([' ']);
    BLANKS.contains(&c) || (!c.is_ascii() && !c.is_whitespace() && looks_blank())
}

#[cfg(test)]
mod tests {
    use super::{check, trim};

    fn refused(text: &str) -> String {
        check(text).err().unwrap_or_else(|| panic!("{text:?} is accepted")).detail
    }

    #[test]
    fn what_people_paste_along_is_removed() {
        for c in "\u{feff}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\
                  \u{200e}\u{200f}\u{61c}\u{200b}\u{2060}\u{ad}\u{a0}\u{3000}\u{2003}\u{85}\r\n\t"
            .chars()
        {
            assert_eq!(trim(&format!("{c}{c} Ada Lovelace{c} {c}")), "Ada Lovelace", "{c:?}");
        }
        for kept in ["\u{0}Ada", "Ada\u{7f}", "Ada\u{3164}", "Ada\u{2800}", "\u{fe0f}Ada"] {
            assert_eq!(trim(kept), kept);
        }
    }

    #[test]
    fn invisible_characters_are_named() {
        for (c, name) in [
            ('\u{3164}', "U+3164 (Hangul)"),
            ('\u{ffa0}', "U+FFA0 (Hangul)"),
            ('\u{115f}', "U+115F (Hangul)"),
            ('\u{1160}', "U+1160 (Hangul)"),
            ('\u{17b4}', "U+17B4 (Khmer)"),
            ('\u{2800}', "U+2800 (Braille)"),
            ('\u{34f}', "U+034F"),
            ('\u{fe0f}', "U+FE0F"),
            ('\u{e0100}', "U+E0100"),
            ('\u{200b}', "U+200B"),
            ('\u{200c}', "U+200C"),
            ('\u{200d}', "U+200D"),
            ('\u{2060}', "U+2060"),
            ('\u{feff}', "U+FEFF"),
            ('\u{ad}', "U+00AD"),
            ('\u{180b}', "U+180B (Mongolian)"),
            ('\u{fff9}', "U+FFF9"),
            ('\u{e0061}', "U+E0061"),
            ('\u{1d159}', "U+1D159"),
            ('\u{13441}', "U+13441 (Egyptian Hieroglyphs)"),
            ('\u{2065}', "U+2065"),
        ] {
            let expected = format!("contains {name}, which is invisible");
            for text in [format!("{c}"), format!("A{c}da"), format!("Ada{c}")] {
                assert_eq!(refused(&text), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn controls_and_directions_are_named() {
        assert_eq!(refused("a\r\nb"), "contains U+000D, which is a control character");
        assert_eq!(refused("a\u{0}"), "contains U+0000, which is a control character");
        assert_eq!(refused("a\u{2028}b"), "contains U+2028, which breaks the line");
        assert_eq!(refused("a\u{202e}b"), "contains U+202E, which changes the direction of text");
        assert_eq!(
            refused("\u{f8ff}"),
            "contains U+F8FF, which has a meaning in private fonts only"
        );
        assert_eq!(refused("a\u{ffff}"), "contains U+FFFF, which is not a character");
    }

    #[test]
    fn names_of_people_are_visible() {
        for name in [
            "Ada Lovelace",
            "Zo\u{eb} O\u{2019}Brien-N\u{fa}\u{f1}ez",
            "\u{e19}\u{e49}\u{e33}\u{e1d}\u{e19}",
            "\u{5d3}\u{5b8}\u{5bc}\u{5d5}\u{5b4}\u{5d3}",
            "\u{101b}\u{103e}\u{103d}\u{1031}",
            "\u{1780}\u{17d2}\u{1798}\u{17c2}\u{179a}",
            "\u{f56}\u{f40}\u{fb2}\u{f0b}\u{f64}\u{f72}\u{f66}",
            "Nguy\u{1ec5}n V\u{103}n A",
            "\u{600}\u{661}",
            "\u{5c71}\u{7530}\u{3000}\u{592a}\u{90ce}",
            "J\u{fc}rgen \u{2764}",
            "+ \u{20ac} \u{2026}",
        ] {
            assert_eq!(check(name), Ok(()), "{name:?}");
        }
    }
}
