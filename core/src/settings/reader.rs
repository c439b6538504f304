//! Reads variables, collects every mistake, and records the table of settings.

use std::{fmt, str::FromStr, time::Duration};

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};

use crate::{domain::AddressRule, languages::Locale};

/// Standard base64, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Value of a secret in `.env.example`; refused at start.
const PLACEHOLDER: &str = "change-me";

/// One setting, as the documentation lists it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Setting {
    /// Title of its section.
    pub section: &'static str,
    /// Name of the environment variable.
    pub name: &'static str,
    /// Meaning, in Markdown.
    pub doc: &'static str,
    /// Unit of the value.
    pub unit: Option<&'static str>,
    /// Default; `None` if the setting is required.
    pub default: Option<&'static str>,
    /// Value in `.env.example`.
    pub example: &'static str,
    /// Whether it may also be given as `<name>_FILE`.
    pub is_secret: bool,
}

/// Every mistake in the settings, in one message.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the settings have {} mistake(s):\n  - {}", .0.len(), .0.join("\n  - "))]
pub struct Mistakes(Vec<String>);

/// Reads settings row by row: [`row`](Self::row) names the next one, the methods after it read it.
pub(super) struct Reader<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    /// Where a variable is set, in parentheses; empty if unknown.
    place: &'a dyn Fn(&str) -> String,
    /// The only required setting; all that have no default if `None`.
    pub(super) only: Option<&'static str>,
    /// The languages of the brand; `None` if it is not read.
    pub(super) locales: Option<Vec<Locale>>,
    mistakes: Vec<String>,
    /// The settings of the rows that were read.
    pub(super) table: Vec<Setting>,
    /// The row being read.
    row: Setting,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        get: &'a dyn Fn(&str) -> Option<String>,
        place: &'a dyn Fn(&str) -> String,
    ) -> Self {
        let (mistakes, table, row) = (vec![], vec![], Setting::default());
        Self { get, place, only: None, locales: None, mistakes, table, row }
    }

    /// Whether a setting without a default must be set.
    pub(super) fn requires(&self, name: &str) -> bool {
        self.only.is_none_or(|only| only == name)
    }

    pub(super) fn finish<T>(self, settings: T) -> Result<T, Mistakes> {
        if self.mistakes.is_empty() { Ok(settings) } else { Err(Mistakes(self.mistakes)) }
    }

    pub(super) fn section(&mut self, title: &'static str) {
        self.row.section = title;
    }

    pub(super) fn row(&mut self, name: &'static str, doc: &'static str) -> &mut Self {
        self.row = Setting { section: self.row.section, name, doc, ..Setting::default() };
        self
    }

    /// Notes a mistake in these settings unless a rule holds.
    pub(super) fn require(&mut self, holds: bool, names: &[&str], mistake: impl fmt::Display) {
        if !holds {
            let names: Vec<_> =
                names.iter().map(|name| format!("{name}{}", (self.place)(name))).collect();
            self.mistakes.push(format!("{}: {mistake}", names.join(" and ")));
        }
    }

    /// Notes a mistake in the current setting.
    pub(super) fn flaw(&mut self, flaw: impl fmt::Display) {
        self.require(false, &[self.row.name], flaw);
    }

    /// Adds mistakes that concern no setting.
    pub(super) fn add(&mut self, mistakes: Vec<String>) {
        self.mistakes.extend(mistakes);
    }

    pub(super) fn record(&mut self, default: &'static str) -> Option<String> {
        (self.row.default, self.row.example) = (Some(default), default);
        self.text()
    }

    /// Adds the row to the table and returns the variable's text; an empty variable counts as not set.
    fn text(&mut self) -> Option<String> {
        self.table.push(self.row);
        (self.get)(self.row.name).filter(|text| !text.is_empty())
    }

    fn parse<T: FromStr<Err: fmt::Display>>(&mut self, text: Option<String>) -> Option<T> {
        text?.parse().map_err(|error| self.flaw(error)).ok()
    }

    #[expect(clippy::expect_used, reason = "a unit test reads every default of the table")]
    pub(super) fn value<T: FromStr<Err: fmt::Display>>(&mut self, default: &'static str) -> T {
        let text = self.record(default);
        self.parse(text).unwrap_or_else(|| default.parse().ok().expect("a valid default"))
    }

    pub(super) fn at_least<T>(&mut self, default: &'static str, least: T) -> T
    where
        T: FromStr<Err: fmt::Display> + PartialOrd + fmt::Display,
    {
        let value = self.value(default);
        if value < least {
            self.flaw(format_args!("must be at least {least}"));
        }
        value
    }

    pub(super) fn bytes(&mut self, default: &'static str, least: usize) -> usize {
        self.row.unit = Some("bytes");
        self.at_least(default, least)
    }

    pub(super) fn seconds(&mut self, default: &'static str) -> Duration {
        self.row.unit = Some("seconds");
        Duration::from_secs(self.at_least(default, 1))
    }

    pub(super) fn millis(&mut self, default: &'static str) -> Duration {
        self.row.unit = Some("milliseconds");
        Duration::from_millis(self.at_least(default, 1))
    }

    pub(super) fn optional<T: FromStr<Err: fmt::Display>>(&mut self) -> Option<T> {
        let text = self.record("");
        self.parse(text)
    }

    /// A comma-separated list.
    pub(super) fn list<T: FromStr<Err: fmt::Display>>(&mut self) -> Vec<T> {
        let text = self.record("").unwrap_or_default();
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let parse = |item: &str| {
            item.parse().map_err(|error| self.flaw(format_args!("{item:?}: {error}"))).ok()
        };
        items.filter_map(parse).collect()
    }

    pub(super) fn address_rule(&mut self) -> AddressRule {
        AddressRule::new(self.list())
    }

    /// One of a few words; the first is the default.
    pub(super) fn one_of<T: Copy>(&mut self, words: &[(&'static str, T)]) -> T {
        let (default, value) = words[0];
        let Some(text) = self.record(default) else { return value };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.flaw(format_args!("must be one of {}", words.join(", ")));
        value
    }

    /// A required secret that has no placeholder: the URL of a server.
    pub(super) fn secret(&mut self) -> SecretString {
        self.secret_text(None, "").unwrap_or_default().into()
    }

    pub(super) fn optional_secret(&mut self) -> Option<SecretString> {
        let text = self.secret_text(Some(""), "");
        text.filter(|text| !text.is_empty()).map(SecretString::from)
    }

    pub(super) fn parsed_secret<T: FromStr<Err: fmt::Display>>(&mut self) -> Option<T> {
        let secret = self.optional_secret()?;
        self.parse(Some(secret.expose_secret().to_owned()))
    }

    /// A required secret that the operator makes.
    pub(super) fn own_secret(&mut self) -> Option<String> {
        let text = self.secret_text(None, PLACEHOLDER)?;
        if text == PLACEHOLDER {
            self.flaw("is still the placeholder; run `openssl rand -base64 32`");
            return None;
        }
        Some(text)
    }

    /// The text of a secret, or of the file that `<name>_FILE` names.
    fn secret_text(
        &mut self,
        default: Option<&'static str>,
        example: &'static str,
    ) -> Option<String> {
        self.row = Setting { default, example, is_secret: true, ..self.row };
        let text = self.text();
        if text.is_some() {
            return text;
        }
        let name = self.row.name;
        let file = format!("{name}_FILE");
        let Some(path) = (self.get)(&file).filter(|path| !path.is_empty()) else {
            if default.is_none() && self.requires(name) {
                self.mistakes.push(format!("{name} is not set (nor {file})"));
            }
            return None;
        };
        let text = std::fs::read_to_string(&path);
        text.map(|text| text.trim_end().to_owned())
            .map_err(|error| {
                self.require(false, &[&file], format_args!("cannot read {path:?}: {error}"));
            })
            .ok()
    }

    /// A key of 32 bytes or more in base64.
    pub(super) fn key(&mut self) -> SecretBox<[u8]> {
        let key = self.own_secret().and_then(|text| self.decode(&text));
        SecretBox::new(key.unwrap_or_default().into_boxed_slice())
    }

    /// Comma-separated Ed25519 seeds of exactly 32 bytes, in base64.
    pub(super) fn seeds(&mut self) -> Vec<SecretBox<[u8]>> {
        let Some(text) = self.own_secret() else { return Vec::new() };
        let mut seeds = Vec::new();
        for item in text.split(',') {
            match self.decode(item.trim()) {
                Some(seed) if seed.len() == 32 => seeds.push(SecretBox::new(seed.into())),
                Some(_) => self.flaw("each seed must have exactly 32 bytes"),
                None => {}
            }
        }
        seeds
    }

    fn decode(&mut self, text: &str) -> Option<Vec<u8>> {
        let flaw = match BASE64.decode(text) {
            Err(_) => "is not base64; run `openssl rand -base64 32`",
            Ok(key) if key.len() < 32 => "is too short: 32 random bytes are needed",
            Ok(key) if is_poor(&key) => "is not random; run `openssl rand -base64 32`",
            Ok(key) => return Some(key),
        };
        self.flaw(flaw);
        None
    }
}

/// Whether a key is plainly not random: 32 random bytes have about 30 different values.
fn is_poor(key: &[u8]) -> bool {
    key.iter().collect::<std::collections::HashSet<_>>().len() < 16
}
