//! Where settings come from: `.env` and the environment, which wins.

use std::{collections::HashMap, path::Path};

use anyhow::Context as _;

use super::{Mistakes, Settings, reader::Reader};
use crate::infra::signing_keys::SigningKeys;

impl Settings {
    /// Reads `.env`, if there is one, and the environment, which wins.
    ///
    /// # Errors
    ///
    /// If `.env` is malformed, or [`Mistakes`].
    pub fn load() -> anyhow::Result<Self> {
        Ok(Self::from_env(environment()?)?)
    }
}

impl SigningKeys {
    /// Reads `SIGNING_KEYS` alone, with `get`, which knows the environment.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], the same that would stop the start.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(&get);
        let seeds = reader.seeds("SIGNING_KEYS");
        reader.finish(Self::new(seeds))
    }
}

/// The variables of this process: those of `.env`, if there is one, and of the environment, which
/// wins.
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

/// The variables that a file like `.env` sets.
///
/// # Errors
///
/// If it cannot be read.
pub fn env_file(path: &Path) -> anyhow::Result<impl Fn(&str) -> Option<String> + use<>> {
    let lines = dotenvy::from_path_iter(path);
    let variables: Result<HashMap<String, String>, _> = lines.and_then(Iterator::collect);
    let variables = variables.with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(move |name: &str| variables.get(name).cloned())
}
