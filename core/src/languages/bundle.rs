//! What messages say.

use std::borrow::Cow;

use anyhow::{Context as _, anyhow, ensure};
use fluent_bundle::{FluentResource, concurrent::FluentBundle};
use unic_langid::{CharacterDirection, LanguageIdentifier};

use super::{FILES, Locale};

/// The values of the variables of a message.
pub use fluent_bundle::FluentArgs as Arguments;

type Bundle = FluentBundle<FluentResource>;

/// The messages of every shipped language.
pub struct Languages {
    english: Bundle,
    others: Vec<(Locale, Bundle)>,
}

/// The messages of one language; English ones stand in for missing ones.
#[derive(Clone, Copy)]
pub struct Language<'a> {
    locale: Locale,
    bundles: [&'a Bundle; 2],
    is_rtl: bool,
}

impl Languages {
    /// Parses the message files.
    ///
    /// # Errors
    ///
    /// If one is malformed, or two have the same message; the error names language, file and line.
    pub fn load() -> anyhow::Result<Self> {
        let bundles = Locale::all().zip(FILES).map(|(locale, (_, files))| {
            let bundle = bundle(locale, files);
            Ok((locale, bundle.map_err(|error| error.context(locale.as_str()))?))
        });
        let mut others = bundles.collect::<anyhow::Result<Vec<_>>>()?;
        let english = others.iter().position(|(locale, _)| *locale == Locale::ENGLISH);
        let (_, english) = others.swap_remove(english.context("there are no English messages")?);
        Ok(Self { english, others })
    }

    /// The messages of a language.
    #[must_use]
    pub fn get(&self, locale: Locale) -> Language<'_> {
        let found = self.others.iter().find(|(one, _)| *one == locale);
        let bundle = found.map_or(&self.english, |(_, bundle)| bundle);
        let is_rtl =
            |one: &LanguageIdentifier| one.character_direction() == CharacterDirection::RTL;
        let is_rtl = bundle.locales.iter().any(is_rtl);
        Language { locale, bundles: [bundle, &self.english], is_rtl }
    }
}

fn bundle(locale: Locale, files: &[(&str, &str)]) -> anyhow::Result<Bundle> {
    let language: LanguageIdentifier = locale.as_str().parse()?;
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Only values whose direction can differ get marks: see `Language::isolate`.
    bundle.set_use_isolating(false);
    for (name, text) in files {
        let resource = FluentResource::try_new((*text).to_owned()).map_err(|(_, errors)| {
            let (at, what) = errors
                .first()
                .map(|error| (error.pos.start, error.to_string()))
                .unwrap_or_default();
            let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
            anyhow!("{name} line {line}: {what}")
        })?;
        bundle.add_resource(resource).map_err(|errors| anyhow!("{name}: {errors:?}"))?;
    }
    Ok(bundle)
}

impl Language<'_> {
    /// Which language it is.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// Its direction, as HTML names it.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        if self.is_rtl { "rtl" } else { "ltr" }
    }

    /// What the message `id`, or its attribute `id.attribute`, says; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it uses a variable that has no value, or refers to a message that does not exist.
    pub fn find(&self, id: &str, arguments: &Arguments<'_>) -> anyhow::Result<Option<String>> {
        let (message, attribute) =
            id.split_once('.').map_or((id, None), |(message, name)| (message, Some(name)));
        for bundle in self.bundles {
            let pattern = bundle.get_message(message).and_then(|message| match attribute {
                Some(name) => message.get_attribute(name).map(|attribute| attribute.value()),
                None => message.value(),
            });
            if let Some(pattern) = pattern {
                let mut errors = Vec::new();
                let text = bundle.format_pattern(pattern, Some(arguments), &mut errors);
                ensure!(errors.is_empty(), "{} {id}: {errors:?}", self.locale.as_str());
                return Ok(Some(text.into_owned()));
            }
        }
        Ok(None)
    }

    /// As [`find`](Self::find).
    ///
    /// # Errors
    ///
    /// Also if there is no such message.
    pub fn text(&self, id: &str, arguments: &Arguments<'_>) -> anyhow::Result<String> {
        self.find(id, arguments)?.ok_or_else(|| anyhow!("there is no message {id}"))
    }

    /// Values of variables by name: whole numbers, and texts with marks where [`isolate`](Self::isolate)
    /// adds them.
    pub fn arguments<'v>(
        &self,
        values: impl IntoIterator<Item = (&'v str, String)>,
    ) -> Arguments<'v> {
        let mut arguments = Arguments::new();
        for (name, value) in values {
            match value.parse::<u32>() {
                Ok(number) if number.to_string() == value => arguments.set(name, number),
                _ => arguments.set(name, self.isolate(&value).into_owned()),
            }
        }
        arguments
    }

    /// A value with marks around it that keep its direction apart from that of the text (U+2068 and
    /// U+2069; UAX #9), if the two can differ. Without them a name in Hebrew reorders the English
    /// around it, and an IP address is torn apart in Hebrew.
    #[must_use]
    pub fn isolate<'v>(&self, value: &'v str) -> Cow<'v, str> {
        if self.is_rtl || value.chars().any(is_right_to_left) {
            format!("\u{2068}{value}\u{2069}").into()
        } else {
            value.into()
        }
    }
}

/// Whether a character is in a block of a script that is written from right to left (UAX #9, table of
/// default directions).
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> String {
        format!("{:#}", bundle(Locale::ENGLISH, &[("mail.ftl", text)]).err().unwrap())
    }

    #[test]
    fn a_mistake_has_a_file_and_a_line() {
        let malformed = mistake("a = b\n\nc = { $\n");
        assert!(malformed.starts_with("mail.ftl line 3: "), "{malformed}");
        let twice = mistake("a = b\na = c\n");
        assert!(twice.starts_with("mail.ftl: ") && twice.contains("\"a\""), "{twice}");
    }

    #[test]
    fn english_stands_in_for_a_missing_message() {
        let bundle = |text| bundle(Locale::ENGLISH, &[("x.ftl", text)]).unwrap();
        let (own, english) = (bundle("a = eins"), bundle("a = one\nb = two { $n }\nc =\n .d = x"));
        let language =
            Language { locale: Locale::ENGLISH, bundles: [&own, &english], is_rtl: false };
        let (none, two) = (Arguments::new(), Arguments::from_iter([("n", 2)]));

        assert_eq!(language.text("a", &none).unwrap(), "eins");
        assert_eq!(language.text("b", &two).unwrap(), "two 2");
        assert_eq!(language.find("c.d", &none).unwrap().as_deref(), Some("x"));
        for missing in ["c", "c.e", "d", "d.d"] {
            assert_eq!(language.find(missing, &none).unwrap(), None, "{missing}");
        }
        assert!(language.text("d", &none).is_err());
        assert!(language.text("b", &none).unwrap_err().to_string().contains("b: "));
    }
}
