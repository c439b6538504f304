//! Letters that look like other letters (UTS #39).

use icu_properties::props::{GeneralCategoryGroup, Script};
use unicode_security::{MixedScript as _, mixed_script::AugmentedScriptSet, skeleton};

use super::properties::{Oddity, category, forbid, get};
use crate::error::Flaw;

/// Refuses a word that mixes scripts so that it looks like another one: a Cyrillic letter among Latin ones.
/// Words of different scripts side by side are fine, and so are Latin letters among Chinese, Japanese and
/// Korean ones. Marks do not count.
///
/// # Errors
///
/// `forbidden_character`; the detail names it.
pub(in crate::domain) fn check_words(text: &str) -> Result<(), Flaw> {
    let separators = GeneralCategoryGroup::Separator
        .union(GeneralCategoryGroup::Punctuation)
        .union(GeneralCategoryGroup::Symbol);
    for word in text.split(|c: char| separators.contains(category(c))) {
        let is_letter = |c: &char| !GeneralCategoryGroup::Mark.contains(category(*c));
        let letters: String = word.chars().filter(is_letter).collect();
        let others: String =
            letters.chars().filter(|&c| get::<Script>(c) != Script::Latin).collect();
        if letters.is_single_script() || is_cjk(&others) {
            continue;
        }
        let twins = others.chars().filter_map(|c| Some((c, ascii_twin(c)?)));
        let is_word = |twin: &str| twin.chars().all(char::is_alphanumeric);
        if let Some((c, twin)) = { twins }.find(|(_, twin)| is_word(twin)) {
            let why = format!("looks like \"{twin}\" in a word of another script");
            return Err(forbid(c, Oddity::LookAlike(&twin), &why));
        }
    }
    Ok(())
}

/// Whether a text, with Latin letters in it, is what UTS #39, section 5.2, calls "highly restrictive".
fn is_cjk(text: &str) -> bool {
    let scripts = AugmentedScriptSet::for_str(text);
    scripts.hanb || scripts.jpan || scripts.kore
}

/// The text in ASCII that a text looks like, if it looks like one.
pub(in crate::domain) fn ascii_twin_of(text: &str) -> Option<String> {
    let twin = |c: char| if c.is_ascii() { Some(c.into()) } else { ascii_twin(c) };
    text.chars().map(twin).collect()
}

/// The visible ASCII characters that a character outside ASCII looks like.
fn ascii_twin(c: char) -> Option<String> {
    let twin: String = skeleton(c.encode_utf8(&mut [0; 4])).collect();
    let is_twin = !c.is_ascii() && !twin.is_empty() && twin.bytes().all(|b| b.is_ascii_graphic());
    is_twin.then_some(twin)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fmt::Write as _};

    use icu_properties::props::XidContinue;

    use super::*;
    use crate::domain::unicode::{fold::fold, properties::has};

    #[test]
    fn words_that_imitate_another_script_are_refused() {
        for (text, detail) in [
            (
                "\u{430}da",
                "contains U+0430 (Cyrillic), which looks like \"a\" in a word of another script",
            ),
            (
                "Eve \u{410}dmin",
                "contains U+0410 (Cyrillic), which looks like \"A\" in a word of another script",
            ),
            (
                "Ad\u{3b1}",
                "contains U+03B1 (Greek), which looks like \"a\" in a word of another script",
            ),
            (
                "k\u{13ac}y",
                "contains U+13AC (Cherokee), which looks like \"E\" in a word of another script",
            ),
            (
                "\u{41e}\u{3bf}\u{43b}",
                "contains U+041E (Cyrillic), which looks like \"O\" in a word of another script",
            ),
        ] {
            assert_eq!(check_words(text).unwrap_err().detail, detail, "{text:?}");
        }
    }

    #[test]
    fn scripts_meet_without_imitation() {
        for text in [
            "\u{421}\u{430}\u{440}\u{430} Ada",
            "ada.\u{441}\u{430}\u{440}\u{430}",
            "T\u{30b7}\u{30e3}\u{30c4}",
            "ABC\u{5546}\u{4e8b}",
            "K\u{d314}\u{c2ac}",
            "\u{394}lex",
            "DJ-\u{41a}\u{43e}\u{442}",
            "\u{e2a}\u{e21}Ada",
            "\u{410}\u{434}\u{430}\u{2013}Ada",
            "\u{13e3}\u{13b3}\u{13a9}",
            "Zo\u{eb}2",
        ] {
            assert_eq!(check_words(text), Ok(()), "{text:?}");
        }
    }

    /// Keys of stored addresses contain these. A later version of Unicode may add to them; if it changes one,
    /// the release needs a migration of the keys.
    #[test]
    fn look_alikes_of_ascii_are_frozen() {
        let mut twins = BTreeMap::<String, String>::new();
        let is_folded = |c: &char| fold(&c.to_string()) == c.to_string();
        for c in ('\u{80}'..=char::MAX).filter(|c| has::<XidContinue>(*c)).filter(is_folded) {
            if let Some(twin) = ascii_twin(c) {
                let list = twins.entry(twin).or_default();
                write!(list, " {:X}", u32::from(c)).unwrap();
            }
        }
        let lines: Vec<String> =
            twins.iter().map(|(twin, list)| format!("{twin}:{list}")).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn texts_that_look_like_ascii_are_found() {
        for (text, twin) in [
            ("\u{441}\u{430}\u{440}\u{430}.1", Some("capa.1")),
            ("o\u{2019}brien", Some("o'brien")),
            ("zo\u{eb}", None),
            ("\u{44f}\u{430}", None),
        ] {
            assert_eq!(ascii_twin_of(text).as_deref(), twin, "{text:?}");
        }
    }
}
