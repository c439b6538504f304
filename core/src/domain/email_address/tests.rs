use std::sync::LazyLock;

use icu_properties::{
    CodePointMapData,
    props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, Script},
};
use proptest::{prelude::*, sample::select};

use super::*;

fn key(typed: &str) -> String {
    EmailAddress::parse(typed).unwrap_or_else(|flaw| panic!("{typed:?}: {flaw:?}")).key
}

#[test]
fn case_and_composition_make_no_other_mailbox() {
    assert_eq!(key(" Ada.Lovelace@Example.ORG "), "ada.lovelace@example.org");
    assert_eq!(key("zo\u{eb}@example.org"), key("ZOE\u{308}@example.org"));
    assert_eq!(key("ada@B\u{dc}CHER.example"), "ada@xn--bcher-kva.example");
    assert_ne!(key("ada+a@example.org"), key("ada@example.org"));
}

#[test]
fn email_goes_to_the_address_as_typed() {
    let address = EmailAddress::parse("Ada@EXAMPLE.org").unwrap();
    assert_eq!(address.as_str(), "Ada@example.org");
    assert_eq!(address.local_part(), "Ada");
}

#[test]
fn anything_but_one_mailbox_is_refused() {
    for typed in [
        "ada",
        "@example.org",
        "ada@",
        "ada@localhost",
        "a b@example.org",
        "ada@example..org",
        ".ada@example.org",
        "ada.@example.org",
        "a..b@example.org",
        "\"a b\"@example.org",
        "ada@example.org, bob@example.org",
        "Ada <ada@example.org>",
        "ada@example.org\r\nBcc: b@c.de",
        "ada@[127.0.0.1]",
        "ada@127.0.0.1",
        "ada\u{0}@example.org",
        "a\u{200b}da@example.org",
        "a\u{200d}da@example.org",
        "ada@xn--\u{fc}.example",
        "ada@xn--zzzzzzzz99.example",
        "ada@-example.org",
        "\u{ff41}da@example.org",
        "o\u{fb03}ce@example.org",
        "ada@example.org.",
        "ada(comment)@example.org",
        "ada@exam_ple.org",
        "ada@example.org@",
    ] {
        assert!(EmailAddress::parse(typed).is_err(), "{typed:?}");
    }
    let long = format!("{}@example.org", "a".repeat(65));
    assert_eq!(EmailAddress::parse(&long).unwrap_err().code, "too_long");
    let longer = format!("a@{}.org", "b".repeat(300));
    assert_eq!(EmailAddress::parse(&longer).unwrap_err().code, "too_long");
}

#[test]
fn what_people_paste_along_is_removed() {
    for typed in [
        "\u{feff}ada@example.org",
        "\u{202a}ada@example.org\u{202c}",
        "\u{2068}ada@example.org\u{2069}\u{a0}",
        "\u{200f} ada@example.org\u{200e}\r\n",
    ] {
        assert_eq!(EmailAddress::parse(typed).unwrap().as_str(), "ada@example.org", "{typed:?}");
    }
}

#[test]
fn refused_characters_are_named() {
    for (typed, detail) in [
        ("a\u{3164}@example.org", "contains U+3164 (Hangul), which is invisible"),
        ("ada@ex\u{ad}ample.org", "contains U+00AD, which is invisible"),
        ("a\u{1f600}@example.org", "contains U+1F600, which is not a letter, mark or digit"),
        ("\u{ff41}da@example.org", "contains U+FF41 (Latin), which is another form of \"a\""),
        ("o\u{fb03}ce@example.org", "contains U+FB03 (Latin), which is another form of \"ffi\""),
        (".\u{301}a@example.org", "contains U+0301, which is a mark without a letter"),
    ] {
        let flaw = EmailAddress::parse(typed).unwrap_err();
        let found = (flaw.code, flaw.detail.as_str());
        assert_eq!(found, ("forbidden_character", detail), "{typed:?}");
    }
}

#[test]
fn domains_are_those_of_the_dns() {
    for (typed, domain) in [
        ("ada@ab--cd.example.org", "ab--cd.example.org"),
        ("ada@\u{43f}\u{43e}\u{447}\u{442}\u{430}.\u{440}\u{444}", "xn--80a1acny.xn--p1ai"),
        ("ada@XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("ada@\u{ff45}xample\u{3002}org", "example.org"),
    ] {
        assert_eq!(EmailAddress::parse(typed).unwrap().as_str(), format!("ada@{domain}"));
    }
    for typed in ["ada@xn--zzzzzzzz99.example", "ada@xn--.example", "ada@-ab.org", "ada@ab-.org"] {
        assert_eq!(EmailAddress::parse(typed).unwrap_err().code, "malformed", "{typed:?}");
    }
}

#[test]
fn lengths_count_after_normalisation() {
    // Two bytes composed, three decomposed.
    let local = |count| "e\u{301}".repeat(count);
    EmailAddress::parse(&format!("{}@example.org", local(32))).unwrap();
    let long = EmailAddress::parse(&format!("{}@example.org", local(33))).unwrap_err();
    assert_eq!(long.detail, "the part before the @ has at most 64 bytes");
}

#[test]
fn look_alikes_are_one_mailbox() {
    for twins in [
        ["\u{441}\u{430}\u{440}\u{430}1@example.org", "Capa1@example.org"],
        ["\u{131}da@example.org", "IDA@example.org"],
        ["stra\u{df}e@example.org", "STRASSE@example.org"],
        ["o\u{2019}brien@example.org", "o'brien@example.org"],
    ] {
        assert_eq!(key(twins[0]), key(twins[1]));
    }
    assert!(EmailAddress::parse("\u{430}da@example.org").is_err(), "mixed scripts");
}

/// The scripts of Unicode that people write today.
const SCRIPTS: [Script; 44] = [
    Script::Latin,
    Script::Greek,
    Script::Cyrillic,
    Script::Armenian,
    Script::Georgian,
    Script::Hebrew,
    Script::Arabic,
    Script::Syriac,
    Script::Thaana,
    Script::Nko,
    Script::Devanagari,
    Script::Bengali,
    Script::Gurmukhi,
    Script::Gujarati,
    Script::Oriya,
    Script::Tamil,
    Script::Telugu,
    Script::Kannada,
    Script::Malayalam,
    Script::Sinhala,
    Script::Thai,
    Script::Lao,
    Script::Tibetan,
    Script::Myanmar,
    Script::Khmer,
    Script::Mongolian,
    Script::Hangul,
    Script::Hiragana,
    Script::Katakana,
    Script::Bopomofo,
    Script::Han,
    Script::Yi,
    Script::Ethiopic,
    Script::Cherokee,
    Script::CanadianAboriginal,
    Script::Tifinagh,
    Script::Vai,
    Script::Lisu,
    Script::Balinese,
    Script::Javanese,
    Script::MeeteiMayek,
    Script::OlChiki,
    Script::Adlam,
    Script::Chakma,
];

/// Characters of a script and of general categories.
fn chars(script: Script, group: GeneralCategoryGroup) -> Vec<char> {
    let ranges = CodePointMapData::<Script>::new();
    let ranges = ranges.iter_ranges_for_value(script).flatten().filter_map(char::from_u32);
    let category = CodePointMapData::<GeneralCategory>::new();
    let is_used = |c: &char| {
        group.contains(category.get(*c))
            && has::<XidContinue>(*c)
            && !has::<DefaultIgnorableCodePoint>(*c)
            && c.nfkd().eq([*c])
    };
    ranges.filter(is_used).collect()
}

/// Letters and marks of every script.
static ALPHABETS: LazyLock<Vec<[Vec<char>; 2]>> = LazyLock::new(|| {
    let alphabet = |script| {
        let letters = chars(script, GeneralCategoryGroup::Letter);
        let marks = chars(script, GeneralCategoryGroup::Mark);
        [letters, if marks.is_empty() { vec!['\u{301}', '\u{331}'] } else { marks }]
    };
    SCRIPTS.into_iter().map(alphabet).collect()
});

/// Letters of one script, some with a mark.
fn word() -> impl Strategy<Value = String> {
    select(&ALPHABETS[..]).prop_flat_map(|[letters, marks]| {
        let syllable = (select(letters), proptest::option::of(select(marks)));
        let syllable = syllable.prop_map(|(letter, mark)| [Some(letter), mark]);
        let syllables = proptest::collection::vec(syllable, 1..6);
        syllables.prop_map(|syllables| syllables.into_iter().flatten().flatten().collect())
    })
}

proptest! {
    #[test]
    fn words_of_every_script_are_mailboxes(word in word()) {
        let address = EmailAddress::parse(&format!("{word}@example.org"));
        prop_assert!(address.is_ok(), "{:?}", address);
        let address = address.unwrap();
        prop_assert!(address.as_str().nfc().eq(address.as_str().chars()));
        for twin in [word.nfd().collect(), word.to_uppercase(), word.to_lowercase()] {
            if let Ok(twin) = EmailAddress::parse(&format!("{twin}@example.org")) {
                prop_assert_eq!(twin.key(), address.key());
            }
        }
    }

    #[test]
    fn an_address_is_one_line_one_mailbox_and_stable(typed in "\\PC{0,40}@?\\PC{0,40}") {
        if let Ok(address) = EmailAddress::parse(&typed) {
            prop_assert_eq!(address.as_str().matches('@').count(), 1);
            prop_assert!(!address.as_str().chars().any(|c| c.is_control() || c.is_whitespace()));
            prop_assert!(address.as_str().len() <= EmailAddress::MAX_BYTES);
            let again = EmailAddress::parse(address.as_str()).unwrap();
            prop_assert_eq!(&again, &address);
            let upper = EmailAddress::parse(&address.as_str().to_ascii_uppercase()).unwrap();
            prop_assert_eq!(upper.key(), address.key());
        }
    }
}
