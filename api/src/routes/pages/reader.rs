//! The language that a reader gets.

use keyward_core::languages::{LanguageTag, Locale, Locales};
use poem::Request;

use crate::http::context::Context;

/// In which language a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reader {
    pub(super) locale: Locale,
    /// Whether it is the reader's choice or that of their account, rather than that of their browser.
    /// The forms of the page then keep it.
    pub(super) is_chosen: bool,
}

impl Reader {
    /// The language of `?lang=` if there is one, else what the browser prefers, else `DEFAULT_LOCALE`.
    pub(super) fn of(context: &Context<'_>) -> Self {
        match chosen(context.request, &context.app.settings.brand.languages.locales) {
            Some(locale) => Self { locale, is_chosen: true },
            None => Self { locale: context.preferred_locale(), is_chosen: false },
        }
    }

    /// The language of an account, by its tag, if there is one.
    pub(super) fn of_account(self, tag: Option<&str>, locales: &Locales) -> Self {
        let locale = tag.and_then(|tag| locales.get(tag));
        locale.map_or(self, |locale| Self { locale, is_chosen: true })
    }

    /// The parameter that keeps the language; empty if the browser decides.
    pub(super) fn query(self) -> String {
        if self.is_chosen { format!("?lang={}", self.locale.as_str()) } else { String::new() }
    }
}

fn chosen(request: &Request, locales: &Locales) -> Option<Locale> {
    let query = request.uri().query()?;
    let (_, tag) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang")?;
    locales.of(&LanguageTag::parse(&tag).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_app::test_app;

    #[tokio::test]
    async fn parameter_chooses_a_language() {
        let app = test_app();
        for (query, expected) in [
            ("?lang=he", Some("he")),
            ("?lang=pt-br&x=1", Some("pt-BR")),
            ("?x=1&lang=de-AT", Some("de")),
            ("?lang=pt%2DBR", Some("pt-BR")),
            ("?lang=", None),
            ("?lang=xx", None),
            ("?lang=%22%3E%3Cscript%3E", None),
            ("?language=he", None),
            ("", None),
        ] {
            let uri = format!("/verify-email{query}").parse().unwrap();
            let locales = &app.settings.brand.languages.locales;
            let found = chosen(&Request::builder().uri(uri).finish(), locales);
            assert_eq!(found.map(Locale::as_str), expected, "{query}");
        }
    }
}
