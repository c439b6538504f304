//! What messages say.

use std::{borrow::Cow, fmt};

use anyhow::{anyhow, ensure};
use fluent_bundle::{FluentResource, concurrent::FluentBundle};
use unic_langid::{CharacterDirection, LanguageIdentifier};

use super::{
    FILES, Locale, Locales,
    check::check,
    messages::{MessageFolder, Messages, line_at},
};

/// The values of the variables of a message.
pub use fluent_bundle::FluentArgs as Arguments;

type Bundle = FluentBundle<FluentResource>;

/// The messages of every language.
pub struct Languages {
    /// Which languages there are.
    pub locales: Locales,
    /// English is the first.
    bundles: Vec<(Locale, Bundle)>,
    /// Names of the messages that a language of the brand lacks.
    incomplete: Vec<(Locale, Vec<String>)>,
}

/// The messages of one language; English ones stand in for missing ones.
#[derive(Clone, Copy)]
pub struct Language<'a> {
    locale: Locale,
    bundles: [&'a Bundle; 2],
    is_rtl: bool,
}

impl Languages {
    /// The shipped languages, and those of a brand. Its messages replace shipped ones. Every mistake has
    /// a file and a line.
    #[must_use]
    pub fn load(brand: &[MessageFolder], mistakes: &mut Vec<String>) -> Self {
        let files = |tag: &str| FILES.iter().find(|(one, _)| *one == tag).map(|(_, files)| *files);
        let english = Messages::shipped(match brand {
            [] => &[],
            _ => files("en").unwrap_or_default(),
        });
        let (mut bundles, mut incomplete) = (Vec::new(), Vec::new());
        let is_replaced = |tag: &str| brand.iter().any(|folder| folder.tag == tag);
        for (tag, files) in FILES.iter().filter(|(tag, _)| !is_replaced(tag)) {
            let locale = Locale::of_folder(tag);
            bundles.push((locale, bundle(locale, files, mistakes)));
        }
        for folder in brand {
            check(folder, &english, mistakes);
            let shipped = files(&folder.tag);
            let mut messages = Messages::shipped(shipped.unwrap_or_default());
            folder.files.iter().for_each(|file| messages.add(file.parse()));
            // Read once at start, and used until the end.
            let locale = Locale::of_folder(folder.tag.clone().leak());
            let lacks = english.names().filter(|name| messages.pattern(name).is_none());
            let lacks: Vec<_> = lacks.collect();
            if !lacks.is_empty() {
                incomplete.push((locale, lacks));
            }
            // Mistakes in the files are reported with their own lines.
            bundles.push((locale, bundle(locale, &[("", &messages.text())], &mut Vec::new())));
        }
        bundles.sort_by_key(|(locale, _)| *locale != Locale::ENGLISH);
        let locales = Locales::new(bundles.iter().map(|(locale, _)| *locale).collect());
        Self { locales, bundles, incomplete }
    }

    /// The messages of a language.
    #[must_use]
    pub fn get(&self, locale: Locale) -> Language<'_> {
        let (_, english) = &self.bundles[0];
        let found = self.bundles.iter().find(|(one, _)| *one == locale);
        let bundle = found.map_or(english, |(_, bundle)| bundle);
        let is_rtl =
            |one: &LanguageIdentifier| one.character_direction() == CharacterDirection::RTL;
        let is_rtl = bundle.locales.iter().any(is_rtl);
        Language { locale, bundles: [bundle, english], is_rtl }
    }

    /// The name of a language in itself; its tag if the brand does not say.
    #[must_use]
    pub fn name(&self, locale: Locale) -> String {
        let mut lacking = self.incomplete().filter(|(one, _)| *one == locale);
        let is_own = !lacking.any(|(_, names)| names.iter().any(|name| name == "language-name"));
        let own = is_own.then(|| self.get(locale).text("language-name", &Arguments::new()).ok());
        own.flatten().unwrap_or_else(|| locale.as_str().to_owned())
    }

    /// Languages of the brand that lack messages, and the names of these.
    pub fn incomplete(&self) -> impl Iterator<Item = (Locale, &[String])> {
        self.incomplete.iter().map(|(locale, names)| (*locale, names.as_slice()))
    }
}

impl fmt::Debug for Languages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.locales.fmt(f)
    }
}

fn bundle(locale: Locale, files: &[(&str, &str)], mistakes: &mut Vec<String>) -> Bundle {
    let language: LanguageIdentifier = locale.as_str().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Only values whose direction can differ get marks: see `Language::isolate`.
    bundle.set_use_isolating(false);
    for (name, text) in files {
        let resource = FluentResource::try_new((*text).to_owned());
        let resource = resource.unwrap_or_else(|(resource, errors)| {
            mistakes.extend(errors.iter().map(|error| {
                let line = line_at(text, error.pos.start);
                format!("{}/{name} line {line}: {error}", locale.as_str())
            }));
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            mistakes.push(format!("{}/{name}: {errors:?}", locale.as_str()));
        }
    }
    bundle
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
    use super::{super::messages::MessageFile, *};

    fn parsed(text: &str) -> (Bundle, String) {
        let mut mistakes = Vec::new();
        let bundle = bundle(Locale::ENGLISH, &[("mail.ftl", text)], &mut mistakes);
        (bundle, mistakes.join("\n"))
    }

    fn branded(files: &[(&str, &str)]) -> Languages {
        let folder = |(tag, text): &(&str, &str)| MessageFolder {
            tag: (*tag).to_owned(),
            files: vec![MessageFile { path: "x.ftl".into(), text: (*text).to_owned() }],
        };
        let mut mistakes = Vec::new();
        let folders: Vec<_> = files.iter().map(folder).collect();
        let languages = Languages::load(&folders, &mut mistakes);
        assert_eq!(mistakes, [""; 0]);
        languages
    }

    #[test]
    fn a_mistake_has_a_file_and_a_line() {
        let (_, malformed) = parsed("a = b\n\nc = { $\n");
        assert!(malformed.starts_with("en/mail.ftl line 3: "), "{malformed}");
        let (_, twice) = parsed("a = b\na = c\n");
        assert!(twice.starts_with("en/mail.ftl: ") && twice.contains("\"a\""), "{twice}");
    }

    #[test]
    fn english_stands_in_for_a_missing_message() {
        let (own, _) = parsed("a = eins");
        let (english, _) = parsed("a = one\nb = two { $n }\nc =\n .d = x");
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

    #[test]
    fn a_brand_replaces_a_part_of_a_message_and_what_refers_to_it() {
        let own = "weekday = day { $weekday }\nmail-verification =\n    .button = Ja!\n";
        let languages = branded(&[("de", own)]);
        let german = languages.get(languages.locales.get("de").unwrap());
        let text = |id| german.text(id, &Arguments::from_iter([("product", "Acme")])).unwrap();

        assert_eq!(text("mail-verification.button"), "Ja!");
        assert!(text("mail-verification.subject").contains("Acme"));
        let at = "2026-11-30T14:05:09Z".parse().unwrap();
        assert!(german.moment(at).unwrap().starts_with("day 1, 30."), "{:?}", german.moment(at));
        assert_eq!(languages.incomplete().count(), 0);
    }

    #[test]
    fn a_brand_adds_a_language_and_says_what_it_lacks() {
        let languages = branded(&[("nl", "mail-greeting-nameless = Hallo,\n")]);
        let dutch = languages.get(languages.locales.look_up("nl-BE").unwrap());

        assert_eq!(dutch.locale().as_str(), "nl");
        let text = |id| dutch.text(id, &Arguments::new()).unwrap();
        assert_eq!(text("mail-greeting-nameless"), "Hallo,");
        assert_eq!(
            text("mail-code"),
            languages.get(Locale::ENGLISH).text("mail-code", &Arguments::new()).unwrap()
        );
        let (locale, lacks) = languages.incomplete().next().unwrap();
        assert_eq!(locale, dutch.locale());
        assert!(lacks.iter().any(|name| name == "mail-verification.subject"), "{lacks:?}");
        assert!(!lacks.iter().any(|name| name == "mail-greeting-nameless"), "{lacks:?}");
    }

    #[test]
    fn an_english_text_of_a_brand_stands_in_for_missing_ones() {
        let languages = branded(&[("en", "mail-greeting-nameless = Hi,"), ("ar", "")]);
        let arabic = languages.get(languages.locales.get("ar").unwrap());

        assert_eq!(arabic.text("mail-greeting-nameless", &Arguments::new()).unwrap(), "Hi,");
        assert_eq!(arabic.direction(), "rtl");
    }
}
