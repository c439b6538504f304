//! The languages of an installation, and which of them a reader gets.

use super::LanguageTag;

/// A language: shipped, or of the brand. Its tag is the name of its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Locale(&'static str);

impl Locale {
    /// The language whose messages stand in for missing ones.
    pub const ENGLISH: Self = Self("en");

    /// The language of a folder.
    pub(crate) const fn of_folder(tag: &'static str) -> Self {
        Self(tag)
    }

    /// Its tag (BCP 47).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// The languages of an installation, in the order of their tags.
#[derive(Debug)]
pub struct Locales(Vec<Locale>);

impl Locales {
    /// Ranges of an `Accept-Language` that are read.
    const MAX_RANGES: usize = 32;

    pub(crate) fn new(mut locales: Vec<Locale>) -> Self {
        locales.sort_by_key(|one| one.0);
        Self(locales)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = Locale> {
        self.0.iter().copied()
    }

    /// The language with exactly this tag.
    #[must_use]
    pub fn get(&self, tag: &str) -> Option<Locale> {
        self.all().find(|one| one.0 == tag)
    }

    /// The language that serves the readers of a tag best.
    #[must_use]
    pub fn of(&self, tag: &LanguageTag) -> Option<Locale> {
        self.look_up(tag.as_str())
    }

    /// The language that serves a client best, by the values of its `Accept-Language` headers
    /// (RFC 9110, section 12.5.4).
    pub fn negotiate<'a>(&self, headers: impl IntoIterator<Item = &'a str>) -> Option<Locale> {
        let items = headers.into_iter().flat_map(|header| header.split(','));
        let mut ranges: Vec<_> = items.take(Self::MAX_RANGES).filter_map(weighted).collect();
        // Stable: of two ranges with one weight, the first counts.
        ranges.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        ranges.into_iter().find_map(|(range, _)| self.look_up(range))
    }

    /// Looks up a range (RFC 4647, section 3.4): it is shortened until a language has its name. Last, a
    /// language with another region or script serves better than none: `pt-PT` and `pt` get `pt-BR`.
    #[must_use]
    pub fn look_up(&self, range: &str) -> Option<Locale> {
        let mut range = range;
        loop {
            if let Some(found) = self.all().find(|one| one.0.eq_ignore_ascii_case(range)) {
                return Some(found);
            }
            let Some((shorter, _)) = range.rsplit_once('-') else { break };
            range = shorter;
        }
        let primary = |one: &Locale| one.0.split('-').next().unwrap_or_default();
        self.all().find(|one| primary(one).eq_ignore_ascii_case(range))
    }
}

/// A range and its weight; `None` if the weight is zero or malformed.
fn weighted(item: &str) -> Option<(&str, f32)> {
    let (range, weight) = item.split_once(';').unwrap_or((item, "q=1"));
    let weight = weight.trim();
    let weight = weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="))?;
    let weight = weight.parse().ok().filter(|weight| (f32::MIN_POSITIVE..=1.0).contains(weight));
    Some((range.trim(), weight?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::FILES, *};

    fn locales() -> Locales {
        Locales::new(FILES.iter().map(|(tag, _)| Locale(tag)).collect())
    }

    fn negotiated(header: &str) -> &'static str {
        locales().negotiate([header]).map_or("none", Locale::as_str)
    }

    #[test]
    fn a_tag_gets_the_nearest_language() {
        for (tag, expected) in [
            ("de", "de"),
            ("DE-at", "de"),
            ("de-Latn-DE-1996-u-co-phonebk", "de"),
            ("en-GB", "en"),
            ("es-419", "es"),
            ("pt-br", "pt-BR"),
            ("pt-PT", "pt-BR"),
            ("pt", "pt-BR"),
            ("zh-Hant-TW", "none"),
            ("d", "none"),
            ("den", "none"),
            ("x-de", "none"),
            ("", "none"),
        ] {
            let found = locales().look_up(tag).map_or("none", Locale::as_str);
            assert_eq!(found, expected, "{tag}");
        }
    }

    #[test]
    fn the_heaviest_known_range_wins() {
        for (header, expected) in [
            ("fr", "fr"),
            ("de-CH, fr;q=0.9, en;q=0.8, *;q=0.5", "de"),
            ("en;q=0.8, fr;q=0.9", "fr"),
            ("it;q=0.5, pl;q=0.5", "it"),
            ("zh-CN,zh;q=0.9,ja;q=0.8", "ja"),
            ("de;q=0, uk;q=0.001", "uk"),
            ("de;q=2, de;q=x, de;q=-1, de;x=1, fr;q=NaN", "none"),
            ("he ; q=0.7 , es ;Q=0.3", "he"),
            ("*", "none"),
            ("", "none"),
            (",;,;;q", "none"),
        ] {
            assert_eq!(negotiated(header), expected, "{header}");
        }
        assert_eq!(locales().negotiate(["xx", "ja;q=0.1"]), locales().get("ja"), "two lines");
        assert_eq!(negotiated(&("xx,".repeat(40) + "de")), "none", "a long list is cut");
    }

    proptest! {
        #[test]
        fn any_header_gets_a_shipped_language_or_none(header in "[a-zA-Z0-9;=*, .q-]{0,60}") {
            let found = locales().negotiate([header.as_str()]);
            prop_assert!(found.is_none_or(|found| locales().get(found.as_str()) == Some(found)));
        }
    }

    #[test]
    fn languages_are_in_the_order_of_their_tags() {
        let locales = Locales::new(["nl", "pt-BR", "de"].map(Locale).to_vec());
        assert_eq!(locales.all().map(Locale::as_str).collect::<Vec<_>>(), ["de", "nl", "pt-BR"]);
        assert_eq!(locales.get("pt"), None, "exactly");
    }

    #[test]
    fn every_folder_is_named_by_a_canonical_tag() {
        for one in locales().all() {
            let canonical = oxilangtag::LanguageTag::parse_and_normalize(one.0).unwrap();
            assert_eq!(canonical.as_str(), one.0);
        }
        assert_eq!(locales().get("en"), Some(Locale::ENGLISH));
    }
}
