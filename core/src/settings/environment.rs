//! Where settings come from: `.env` and the environment, which takes precedence.

use std::{collections::HashMap, path::Path};

use anyhow::Context as _;
use secrecy::SecretBox;

use super::{Mistakes, Setting, Settings, reader::Reader};

impl Settings {
    /// Reads the settings from `.env`, if it exists, and the environment.
    ///
    /// # Errors
    ///
    /// If `.env` is malformed, or [`Mistakes`].
    pub fn load() -> anyhow::Result<Self> {
        Ok(Self::from_env(environment()?)?)
    }

    /// Reads the settings with `get`, which looks up a variable.
    ///
    /// # Errors
    ///
    /// [`Mistakes`] with every mistake.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(&get);
        let settings = Self::read(&mut reader);
        settings.cross_check(&mut reader);
        reader.finish(settings)
    }

    /// Reads `SIGNING_KEYS` alone.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], the same that would prevent the start.
    pub fn signing_keys(
        get: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<SecretBox<[u8]>>, Mistakes> {
        let mut reader = Reader::new(&get);
        let seeds = reader.row("SIGNING_KEYS", "").seeds();
        reader.finish(seeds)
    }

    /// The table of settings, from which the documentation is generated.
    #[must_use]
    pub fn table() -> Vec<Setting> {
        let mut reader = Reader::new(&|_| None);
        Self::read(&mut reader);
        reader.into_table()
    }
}

/// The variables of this process: `.env`, if it exists, and the environment, which takes precedence.
///
/// # Errors
///
/// If `.env` is malformed.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn environment() -> anyhow::Result<impl Fn(&str) -> Option<String>> {
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => anyhow::bail!(".env cannot be read: {error}"),
        _ => Ok(|name: &str| std::env::var(name).ok()),
    }
}

/// The variables in a file like `.env`.
///
/// # Errors
///
/// If the file cannot be read.
pub fn env_file(path: &Path) -> anyhow::Result<impl Fn(&str) -> Option<String> + use<>> {
    let lines = dotenvy::from_path_iter(path);
    let variables: Result<HashMap<String, String>, _> = lines.and_then(Iterator::collect);
    let variables = variables.with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(move |name: &str| variables.get(name).cloned())
}
