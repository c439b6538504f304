//! The language of a reader.

use super::Settings;
use crate::languages::{LanguageTag, Locale};

impl Settings {
    /// The shipped language that serves the readers of a tag best, or `DEFAULT_LOCALE`.
    #[must_use]
    pub fn locale_for(&self, tag: &LanguageTag) -> Locale {
        Locale::of(tag).unwrap_or(self.default_locale)
    }
}
