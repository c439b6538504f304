//! Reads variables, notes every mistake, and remembers what it was asked for.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::{SecretBox, SecretString};

/// Standard base64, with or without padding at its end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a new `.env` is told to replace.
const PLACEHOLDER: &str = "change-me";

/// A variable that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name in the environment.
    pub name: &'static str,
    /// Its default; nothing if it must be set.
    pub default: Option<String>,
}

/// Everything that is wrong with the settings, in one message.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistakes(Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings have {} mistake(s):", self.0.len())?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  - {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

pub(super) struct Reader<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    mistakes: Vec<String>,
    variables: Vec<Variable>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(get: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { get, mistakes: Vec::new(), variables: Vec::new() }
    }

    pub(super) fn finish<T>(self, settings: T) -> Result<T, Mistakes> {
        if self.mistakes.is_empty() { Ok(settings) } else { Err(Mistakes(self.mistakes)) }
    }

    pub(super) fn into_variables(self) -> Vec<Variable> {
        self.variables
    }

    pub(super) fn mistake(&mut self, mistake: impl Into<String>) {
        self.mistakes.push(mistake.into());
    }

    /// The variable's text; an empty one counts as not set.
    fn text(&mut self, name: &'static str, default: Option<&str>) -> Option<String> {
        self.variables.push(Variable { name, default: default.map(str::to_owned) });
        (self.get)(name).filter(|text| !text.is_empty())
    }

    #[expect(
        clippy::expect_used,
        reason = "defaults stand in this crate; a unit test reads them all"
    )]
    pub(super) fn value<T: FromStr<Err: fmt::Display>>(
        &mut self,
        name: &'static str,
        default: &str,
    ) -> T {
        let parsed = self.text(name, Some(default)).map(|text| text.parse::<T>());
        match parsed {
            Some(Ok(value)) => return value,
            Some(Err(error)) => self.mistake(format!("{name}: {error}")),
            None => {}
        }
        default.parse().ok().expect("the default of a setting is valid")
    }

    pub(super) fn at_least<T>(&mut self, name: &'static str, default: &str, least: T) -> T
    where
        T: FromStr<Err: fmt::Display> + PartialOrd + fmt::Display,
    {
        let value = self.value(name, default);
        if value < least {
            self.mistake(format!("{name}: must be at least {least}"));
        }
        value
    }

    pub(super) fn seconds(&mut self, name: &'static str, default: &str) -> Duration {
        Duration::from_secs(self.at_least(name, default, 1))
    }

    pub(super) fn millis(&mut self, name: &'static str, default: &str) -> Duration {
        Duration::from_millis(self.at_least(name, default, 1))
    }

    /// A path to a file that need not be set.
    pub(super) fn path(&mut self, name: &'static str) -> Option<PathBuf> {
        self.text(name, Some("")).map(PathBuf::from)
    }

    pub(super) fn list(&mut self, name: &'static str) -> Vec<String> {
        let text = self.text(name, Some("")).unwrap_or_default();
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// A [`list`](Self::list) of what is more than text.
    pub(super) fn parsed_list<T: FromStr<Err: fmt::Display>>(
        &mut self,
        name: &'static str,
    ) -> Vec<T> {
        let mut parsed = Vec::new();
        for item in self.list(name) {
            match item.parse() {
                Ok(value) => parsed.push(value),
                Err(error) => self.mistake(format!("{name}: {item:?}: {error}")),
            }
        }
        parsed
    }

    /// A variable that need not be set.
    pub(super) fn optional<T: FromStr<Err: fmt::Display>>(
        &mut self,
        name: &'static str,
    ) -> Option<T> {
        let parsed = self.text(name, Some(""))?.parse();
        parsed.map_err(|error| self.mistake(format!("{name}: {error}"))).ok()
    }

    /// One of a few words; the first is the default.
    pub(super) fn one_of<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)]) -> T {
        let text = self.text(name, Some(words[0].0));
        let Some(text) = text else { return words[0].1 };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let words_text: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.mistake(format!("{name}: must be one of {}", words_text.join(", ")));
        words[0].1
    }

    /// A secret that must be set, as `X` or as `X_FILE`.
    pub(super) fn secret(&mut self, name: &'static str) -> SecretString {
        self.secret_text(name).unwrap_or_default().into()
    }

    /// A secret that need not be set, as `X` or as `X_FILE`; empty if it is not.
    pub(super) fn optional_secret(&mut self, name: &'static str) -> SecretString {
        let text = self.text(name, Some(""));
        text.or_else(|| self.secret_file(name)).unwrap_or_default().into()
    }

    /// A secret that must be set to something of its owner's, as `X` or as `X_FILE`.
    pub(super) fn own_secret(&mut self, name: &'static str) -> SecretString {
        let text = self.secret_text(name).unwrap_or_default();
        if text == PLACEHOLDER {
            self.mistake(format!(
                "{name}: is still the placeholder; run `openssl rand -base64 32`"
            ));
            return SecretString::default();
        }
        text.into()
    }

    fn secret_text(&mut self, name: &'static str) -> Option<String> {
        if let Some(text) = self.text(name, None) {
            return Some(text);
        }
        if (self.get)(&format!("{name}_FILE")).is_none() {
            self.mistake(format!("{name} is not set (nor {name}_FILE)"));
        }
        self.secret_file(name)
    }

    fn secret_file(&mut self, name: &str) -> Option<String> {
        let path = (self.get)(&format!("{name}_FILE"))?;
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text.trim_end().to_owned()),
            Err(error) => {
                self.mistake(format!("{name}_FILE: cannot read {path:?}: {error}"));
                None
            }
        }
    }

    /// A key of 32 bytes or more in base64.
    pub(super) fn key(&mut self, name: &'static str) -> SecretBox<[u8]> {
        let text = self.secret_text(name);
        let key = text.and_then(|text| self.decode(name, &text));
        SecretBox::new(key.unwrap_or_default().into_boxed_slice())
    }

    /// Ed25519 seeds of exactly 32 bytes in base64, comma-separated.
    pub(super) fn seeds(&mut self, name: &'static str) -> Vec<SecretBox<[u8]>> {
        let Some(text) = self.secret_text(name) else { return Vec::new() };
        let mut seeds = Vec::new();
        for item in text.split(',') {
            match self.decode(name, item.trim()) {
                Some(seed) if seed.len() == 32 => {
                    seeds.push(SecretBox::new(seed.into_boxed_slice()))
                }
                Some(_) => self.mistake(format!("{name}: each seed must have exactly 32 bytes")),
                None => {}
            }
        }
        seeds
    }

    fn decode(&mut self, name: &'static str, text: &str) -> Option<Vec<u8>> {
        let flaw = match BASE64.decode(text) {
            _ if text == PLACEHOLDER => "is still the placeholder; run `openssl rand -base64 32`",
            Err(_) => "is not base64; run `openssl rand -base64 32`",
            Ok(key) if key.len() < 32 => "is too short: 32 random bytes are needed",
            Ok(key) if is_poor(&key) => "is not random; run `openssl rand -base64 32`",
            Ok(key) => return Some(key),
        };
        self.mistake(format!("{name}: {flaw}"));
        None
    }
}

/// Whether a key is plainly no random one: 32 random bytes have about 30 different values.
fn is_poor(key: &[u8]) -> bool {
    key.iter().collect::<std::collections::HashSet<_>>().len() < 16
}
