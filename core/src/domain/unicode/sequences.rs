//! Invisible characters that change how their neighbours look.

use icu_properties::props::{
    CanonicalCombiningClass, Emoji, EmojiModifier, ExtendedPictographic, Ideographic, JoiningType,
    Script, VariationSelector,
};

use super::properties::{get, has};

/// The tag that ends a flag.
const CANCEL_TAG: char = '\u{e007f}';

/// Whether a character is a tag: a letter or digit in the name of a flag's region.
pub(super) fn is_tag(c: char) -> bool {
    ('\u{e0020}'..=CANCEL_TAG).contains(&c)
}

/// Whether an invisible character changes how its neighbours look.
pub(super) fn is_part(before: &[char], c: char, after: &[char]) -> bool {
    match c {
        '\u{200c}' => joins_letters(before, after),
        '\u{200d}' => joins_letters(before, after) || joins_emoji(before, after),
        c if is_tag(c) => names_region(before, c, after),
        c if has::<VariationSelector>(c) => selects_variant(before, c, after),
        _ => false,
    }
}

/// Whether a joiner stands beside a virama, or after a letter that connects to its neighbours (UAX #31,
/// section 2.3, rules A1, A2 and B; laxer than RFC 5892, appendix A, as written texts are).
fn joins_letters(before: &[char], after: &[char]) -> bool {
    let is_virama = |c: Option<&char>| {
        c.is_some_and(|&c| get::<CanonicalCombiningClass>(c) == CanonicalCombiningClass::Virama)
    };
    let is_after_letter = before.last().is_some_and(|c| c.is_alphabetic());
    let joinings = before.iter().rev().map(|&c| get::<JoiningType>(c));
    let joining = { joinings }.find(|joining| *joining != JoiningType::Transparent);
    is_virama(before.last())
        || (is_after_letter && is_virama(after.first()))
        || matches!(
            joining,
            Some(JoiningType::DualJoining | JoiningType::LeftJoining | JoiningType::RightJoining)
        )
}

/// Whether a joiner stands between two emoji (UTS #51, definition 16).
fn joins_emoji(before: &[char], after: &[char]) -> bool {
    let is_picture = |c: Option<&char>| c.is_some_and(|&c| has::<ExtendedPictographic>(c));
    let is_modifier = |c: &char| has::<VariationSelector>(*c) || has::<EmojiModifier>(*c);
    is_picture(before.iter().rev().find(|c| !is_modifier(c))) && is_picture(after.first())
}

/// Whether a variation selector follows a character that has variants: an emoji, a Mongolian letter or an
/// ideograph.
fn selects_variant(before: &[char], c: char, after: &[char]) -> bool {
    let Some(&base) = before.last() else { return false };
    match c {
        '\u{fe0e}' | '\u{fe0f}' => {
            let is_keycap = after.first() == Some(&'\u{20e3}');
            has::<Emoji>(base) && (!base.is_ascii() || is_keycap)
        }
        '\u{180b}'..='\u{180f}' => get::<Script>(base) == Script::Mongolian,
        _ => has::<Ideographic>(base),
    }
}

/// Whether a tag is part of a region's flag (UTS #51, definition 14a, and UTS #35: at most six letters and
/// digits), and not of a hidden text.
fn names_region(before: &[char], c: char, after: &[char]) -> bool {
    let earlier = before.iter().rev().take_while(|c| is_tag(**c)).count();
    let (flag, earlier) = before.split_at(before.len() - earlier);
    let later = after.iter().take_while(|c| is_tag(**c));
    let tags: Vec<char> = earlier.iter().chain([&c]).chain(later).copied().collect();
    let Some((&CANCEL_TAG, region)) = tags.split_last() else { return false };
    let is_region = |c: &char| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    flag.last() == Some(&'\u{1f3f4}')
        && (3..=6).contains(&region.len())
        && region.iter().all(is_region)
}

#[cfg(test)]
mod tests {
    use super::super::visible::check;

    #[test]
    fn joiners_are_allowed_where_a_script_needs_them() {
        for (text, language) in [
            ("\u{646}\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}", "Persian"),
            ("\u{627}\u{200c}\u{62f}", "Persian, after a letter that joins on one side"),
            ("\u{647}\u{200d}", "Persian, an initial"),
            ("\u{915}\u{94d}\u{200d}\u{937}", "Hindi"),
            ("\u{915}\u{94d}\u{200c}\u{937}", "Hindi, no conjunct"),
            ("\u{9b0}\u{200d}\u{9cd}\u{9af}\u{9be}\u{9ac}", "Bengali, joiner before the virama"),
            ("\u{d30}\u{d3e}\u{d1c}\u{d28}\u{d4d}\u{200d}", "Malayalam, an old chillu"),
            ("\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}", "Sinhala"),
            ("\u{1820}\u{180b}\u{1828}", "Mongolian, a variant"),
        ] {
            assert_eq!(check(text), Ok(()), "{language}");
        }
    }

    #[test]
    fn emoji_and_ideographs_keep_their_parts() {
        for text in [
            "\u{2764}\u{fe0f}",
            "1\u{fe0f}\u{20e3}",
            "\u{1f469}\u{200d}\u{1f4bb}",
            "\u{1f469}\u{1f3fd}\u{200d}\u{2764}\u{fe0f}\u{200d}\u{1f468}\u{1f3ff}",
            "\u{1f3f3}\u{fe0f}\u{200d}\u{1f308}",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Ada",
            "\u{1f1fa}\u{1f1e6}",
            "\u{845b}\u{e0100}\u{57ce}",
        ] {
            assert_eq!(check(text), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn what_only_hides_is_refused() {
        for text in [
            "a\u{200d}b",
            "a\u{200c}b",
            "\u{200c}\u{646}",
            "\u{646}\u{200c}\u{200c}\u{645}",
            "\u{1f469}\u{200d}",
            "\u{1f469}\u{200d}a",
            "a\u{fe0f}",
            "1\u{fe0f}",
            "\u{2764}\u{fe0f}\u{fe0f}",
            "\u{1f3f4}\u{e0067}\u{e0062}",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0020}\u{e007f}",
            "\u{1f3f4}\u{e0061}\u{e0061}\u{e0061}\u{e0061}\u{e0061}\u{e0061}\u{e0061}\u{e007f}",
            "\u{1f3f3}\u{e0067}\u{e0062}\u{e0073}\u{e007f}",
            "a\u{e0100}",
            "a\u{180b}",
        ] {
            assert!(check(text).is_err(), "{text:?}");
        }
    }
}
