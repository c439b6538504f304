//! The brand, and the language that one of its readers gets.

use std::{path::Path, sync::Arc};

use super::{Settings, reader::Reader};
use crate::{
    brand::Brand,
    languages::{LanguageTag, Locale},
};

impl Settings {
    /// The language that serves the readers of a tag best, or `DEFAULT_LOCALE`.
    #[must_use]
    pub fn locale_for(&self, tag: &LanguageTag) -> Locale {
        self.brand.languages.locales.of(tag).unwrap_or(self.default_locale)
    }

    /// The language that serves a client best, by the values of its `Accept-Language` headers, or
    /// `DEFAULT_LOCALE`.
    pub fn negotiate<'a>(&self, headers: impl IntoIterator<Item = &'a str>) -> Locale {
        self.brand.languages.locales.negotiate(headers).unwrap_or(self.default_locale)
    }
}

impl Reader<'_> {
    /// The brand in a folder. `migrate` does not need the folder, and does not read it.
    pub(super) fn brand(&mut self) -> Arc<Brand> {
        let folder = self.record("");
        let is_read = folder.is_none() || self.requires("BRAND_DIR");
        let mut mistakes = Vec::new();
        let brand = match folder.filter(|_| is_read) {
            Some(folder) => Brand::load(Path::new(&folder), &mut mistakes),
            None => Brand::shipped(&mut mistakes),
        };
        mistakes.iter().for_each(|mistake| self.flaw(mistake));
        self.locales = is_read.then(|| brand.languages.locales.all().collect());
        Arc::new(brand)
    }

    /// A language of the brand, which was read before. Any, if it was not.
    pub(super) fn locale(&mut self, default: &'static str) -> Locale {
        let tag = self.record(default).unwrap_or_else(|| default.to_owned());
        let locales = self.locales.clone().unwrap_or_default();
        let found = locales.iter().find(|one| one.as_str() == tag);
        if found.is_none() && self.locales.is_some() {
            let tags: Vec<_> = locales.iter().map(|one| one.as_str()).collect();
            self.flaw(format_args!("must be one of {}", tags.join(", ")));
        }
        found.copied().unwrap_or(Locale::ENGLISH)
    }
}
