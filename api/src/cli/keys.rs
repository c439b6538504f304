//! `keyward-api keys`: rotates the keys that sign access tokens.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use keyward_core::{
    infra::signing_keys::SigningKeys,
    settings::{Settings, Variables},
};
use secrecy::ExposeSecret as _;

/// The steps of a rotation, in this order: rotate, promote, retire. After each step, restart every
/// process, one after the other. `docs/operate/rotate-keys.md` says how long to wait between the steps.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the keys with their ids
    List(EnvFilePath),
    /// Add a new key. It is published and verifies tokens, but does not sign yet
    Rotate(EnvFilePath),
    /// Sign with this key. The others still verify tokens
    Promote(OneKey),
    /// Remove a key that does not sign. Its tokens are refused from then on
    Retire(OneKey),
}

/// The location of the keys.
#[derive(Debug, Args)]
pub struct EnvFilePath {
    /// A file like .env that sets SIGNING_KEYS. The new value is written into it. By default, the
    /// environment is read, and the new value is printed
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

/// A key.
#[derive(Debug, Args)]
pub struct OneKey {
    /// The id of the key, from `keys list` or /.well-known/jwks.json
    #[arg(allow_hyphen_values = true)]
    kid: String,
    #[command(flatten)]
    place: EnvFilePath,
}

const PUBLISHED: &str = "Restart every API process, one after the other. When all of them have \
    been up for 5 minutes (clients may cache the key list for this long), promote the new key.";
const PROMOTED: &str = "Restart every API process, one after the other. When the last one has been \
    up for ACCESS_TOKEN_TTL_S (600 by default), retire the old key.";
const RETIRED: &str = "Restart every API process, one after the other. Tokens of the old key are \
    refused from then on.";

impl KeysCommand {
    /// Runs the command and prints what to do next.
    ///
    /// # Errors
    ///
    /// If `SIGNING_KEYS` is invalid, the step would invalidate live tokens, or the file is not
    /// writable.
    pub fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List(place) => list(&mut io::stdout(), &place.read()?),
            Self::Rotate(place) => place.write(&place.read()?.rotate()?, PUBLISHED),
            Self::Promote(OneKey { kid, place }) => {
                place.write(&place.read()?.promote(&kid)?, PROMOTED)
            }
            Self::Retire(OneKey { kid, place }) => {
                place.write(&place.read()?.retire(&kid)?, RETIRED)
            }
        }
    }
}

impl EnvFilePath {
    fn read(&self) -> anyhow::Result<SigningKeys> {
        let variables = match &self.env_file {
            Some(path) => Variables::of_file(path)?,
            None => Variables::of_process()?,
        };
        Ok(SigningKeys::new(Settings::signing_keys(&variables)?))
    }

    /// Writes the value to the file, or to standard output, so that it can be piped. Everything else
    /// goes to standard error.
    fn write(&self, keys: &SigningKeys, next: &str) -> anyhow::Result<()> {
        let value = keys.expose();
        let mut out = io::stderr();
        match &self.env_file {
            Some(path) => {
                super::env_file::set(path, "SIGNING_KEYS", value.expose_secret())?;
                writeln!(out, "Updated {}.", path.display())?;
            }
            None => writeln!(io::stdout(), "SIGNING_KEYS={}", value.expose_secret())?,
        }
        list(&mut out, keys)?;
        Ok(writeln!(out, "\n{next}")?)
    }
}

fn list(out: &mut impl io::Write, keys: &SigningKeys) -> anyhow::Result<()> {
    for (nth, kid) in keys.kids()?.iter().enumerate() {
        let does = if nth == 0 { "signs and verifies" } else { "verifies" };
        writeln!(out, "{kid}  {does}")?;
    }
    Ok(())
}
