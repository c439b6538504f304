//! What a translator can get wrong: the message files of every language against the English ones.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use fluent_bundle::{FluentBundle, FluentResource};
use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey},
    parser,
};

use super::{Arguments, FILES, Languages, Locale};

/// A message or an attribute of one.
#[derive(Debug, Default)]
struct Text {
    /// Its variables, and the messages it refers to.
    references: BTreeSet<String>,
    /// What it selects by, and the keys of its variants.
    selections: Vec<(String, BTreeSet<String>)>,
    /// Its words, without the names of variables.
    words: String,
}

impl Text {
    fn of(pattern: &Pattern<&str>) -> Self {
        let mut text = Self::default();
        text.read(pattern);
        text
    }

    fn read(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.words += value,
                PatternElement::Placeable { expression } => self.read_expression(expression),
            }
        }
    }

    fn read_expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(InlineExpression::VariableReference { id }) => {
                self.references.insert(format!("${}", id.name));
            }
            Expression::Inline(InlineExpression::MessageReference { id, attribute: None }) => {
                self.references.insert(id.name.to_owned());
            }
            Expression::Select { selector, variants } => {
                let InlineExpression::VariableReference { id } = selector else {
                    panic!("{selector:?} is not a variable");
                };
                self.references.insert(format!("${}", id.name));
                let keys = variants.iter().map(|variant| match variant.key {
                    VariantKey::Identifier { name } => name.to_owned(),
                    VariantKey::NumberLiteral { value } => value.to_owned(),
                });
                self.selections.push((id.name.to_owned(), keys.collect()));
                for variant in variants {
                    self.read(&variant.value);
                }
            }
            other => panic!("{other:?} is more than these files need"),
        }
    }
}

/// The messages of a language and their attributes, by file and name.
fn texts(files: &[(&str, &str)]) -> BTreeMap<String, Text> {
    let mut texts = BTreeMap::new();
    for (file, text) in files {
        let resource = parser::parse(*text).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let name = format!("{file} {}", message.id.name);
            for attribute in &message.attributes {
                let name = format!("{name}.{}", attribute.id.name);
                texts.insert(name, Text::of(&attribute.value));
            }
            texts.extend(message.value.map(|value| (name, Text::of(&value))));
        }
    }
    texts
}

fn english() -> BTreeMap<String, Text> {
    texts(FILES.iter().find(|(tag, _)| *tag == "en").unwrap().1)
}

#[test]
fn every_language_has_the_messages_of_english() {
    let english = english();
    for (tag, files) in FILES {
        let own = texts(files);
        let missing: Vec<_> = english.keys().filter(|name| !own.contains_key(*name)).collect();
        let extra: Vec<_> = own.keys().filter(|name| !english.contains_key(*name)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{tag}: {missing:?}, extra: {extra:?}");
    }
}

#[test]
fn every_translation_uses_the_variables_of_english() {
    let english = english();
    for (tag, files) in FILES {
        for (name, text) in texts(files) {
            assert_eq!(text.references, english[&name].references, "{tag}: {name}");
        }
    }
}

/// Messages that may be the same as in English.
const SAME: [&str; 2] = ["common.ftl day", "page.ftl page-error-title"];

#[test]
fn every_message_is_translated() {
    let english = english();
    for (tag, files) in FILES.iter().filter(|(tag, _)| *tag != "en") {
        for (name, text) in texts(files) {
            if SAME.contains(&name.as_str()) {
                continue;
            }
            assert!(!text.words.trim().is_empty(), "{tag}: {name} is empty");
            assert_ne!(text.words, english[&name].words, "{tag}: {name}");
        }
    }
}

#[test]
fn messages_are_plain_text() {
    for (tag, files) in FILES {
        for (name, text) in texts(files) {
            // Marks of direction are added where they are needed, and nowhere else.
            let is_odd = |c: char| {
                "<>&\u{feff}\t".contains(c)
                    || ('\u{200b}'..='\u{200f}').contains(&c)
                    || ('\u{202a}'..='\u{202e}').contains(&c)
                    || ('\u{2060}'..='\u{206f}').contains(&c)
            };
            assert!(!text.words.contains(is_odd), "{tag}: {name}: {:?}", text.words);
        }
    }
}

/// The plural forms of whole numbers in a language.
fn plural_forms(tag: &str) -> BTreeSet<String> {
    let forms = ["zero", "one", "two", "few", "many"].map(|form| format!("[{form}] {form}\n "));
    let probe = format!("probe = {{ $n ->\n {}*[other] other\n }}\n", forms.concat());
    let mut bundle = FluentBundle::new(vec![tag.parse().unwrap()]);
    bundle.add_resource(FluentResource::try_new(probe).unwrap()).unwrap();
    let pattern = bundle.get_message("probe").unwrap().value().unwrap();
    let form = |n: u32| {
        let arguments = Arguments::from_iter([("n", n)]);
        bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    };
    (0..=200).map(form).collect()
}

#[test]
fn every_selection_covers_its_values() {
    let numbers = |last: u32| (1..=last).map(|n| n.to_string()).collect::<BTreeSet<_>>();
    for (tag, files) in FILES {
        let mut forms = plural_forms(tag);
        forms.insert("other".to_owned());
        if *tag == "he" {
            // CLDR 42 has dropped it; the library has older rules.
            forms.remove("many");
        }
        for (name, text) in texts(files) {
            for (variable, keys) in text.selections {
                let expected = match variable.as_str() {
                    "weekday" => numbers(7),
                    "month" => numbers(12),
                    "why" => ["invisible", "look-alike", "other"].map(str::to_owned).into(),
                    _ => forms.clone(),
                };
                assert_eq!(keys, expected, "{tag}: {name}");
            }
        }
    }
}

fn shipped() -> Languages {
    let mut mistakes = Vec::new();
    let languages = Languages::load(&[], &mut mistakes);
    assert_eq!(mistakes, [""; 0]);
    languages
}

#[test]
fn times_follow_the_conventions_of_each_language() {
    let languages = shipped();
    let at: DateTime<Utc> = "2026-11-30T04:05:59Z".parse().unwrap();
    let mut table = String::new();
    for locale in languages.locales.all() {
        let language = languages.get(locale);
        let times = [
            Duration::seconds(1),
            Duration::seconds(2),
            Duration::seconds(59),
            Duration::minutes(1),
            Duration::minutes(2),
            Duration::seconds(30 * 60 - 5),
            Duration::hours(2),
            Duration::hours(21),
            Duration::seconds(24 * 3600 - 5),
            Duration::hours(71),
            Duration::hours(72),
            Duration::seconds(7 * 86_400 - 5),
        ];
        let times = times.map(|time| language.within(time).unwrap());
        let moment = language.moment(at).unwrap();
        table += &format!("{}\n  {moment}\n  {}\n", locale.as_str(), times.join(" | "));
        for month in 0..12 {
            for day in 0..7 {
                language.moment(at + Duration::days(month * 30 + day)).unwrap();
            }
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn only_values_whose_direction_can_differ_are_isolated() {
    let languages = shipped();
    let isolate = |locale, value| {
        let language = languages.get(languages.locales.get(locale).unwrap());
        language.isolate(value).into_owned()
    };

    assert_eq!(isolate("en", "Acme"), "Acme");
    assert_eq!(isolate("en", "קיוורד"), "\u{2068}קיוורד\u{2069}");
    assert_eq!(isolate("he", "203.0.113.7"), "\u{2068}203.0.113.7\u{2069}");
    assert_eq!(languages.get(languages.locales.get("he").unwrap()).direction(), "rtl");
    assert_eq!(languages.get(Locale::ENGLISH).direction(), "ltr");
}
