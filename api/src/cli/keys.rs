//! `keyward-api keys`: rotates the keys that sign access tokens.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use keyward_core::{
    infra::signing_keys::SigningKeys,
    settings::{Settings, env_file, environment},
};
use secrecy::ExposeSecret as _;

/// The steps of a rotation, in this order: rotate, promote, retire. After each one every process is
/// restarted, one after the other; docs/runbooks/rotate-keys.md says how long to wait between them.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Show the id of each key, and what it does
    List(Place),
    /// Add a fresh key that is published and verifies, but does not sign yet
    Rotate(Place),
    /// Make a key the one that signs; the others go on verifying
    Promote(OneKey),
    /// Remove a key that does not sign any more: what it signed is refused from then on
    Retire(OneKey),
}

/// Where the keys are.
#[derive(Debug, Args)]
pub struct Place {
    /// A file like .env that sets SIGNING_KEYS: read it, and write the new value into it. Without
    /// it the environment is read, as at the start, and the new value is printed
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

/// One of the keys.
#[derive(Debug, Args)]
pub struct OneKey {
    /// Its id, as `keys list` and /.well-known/jwks.json show it
    #[arg(allow_hyphen_values = true)]
    kid: String,
    #[command(flatten)]
    place: Place,
}

const PUBLISHED: &str = "Restart every API process, one after the other. When all of them have \
    been up for 5 minutes (for so long clients may keep the key list), promote the new key.";
const PROMOTED: &str = "Restart every API process, one after the other. When the last one has been \
    up for ACCESS_TOKEN_TTL_S (600 by default), retire the old key.";
const RETIRED: &str = "Restart every API process, one after the other. What the key signed is \
    refused from then on.";

impl Keys {
    /// Does it, and says what to do next.
    ///
    /// # Errors
    ///
    /// If `SIGNING_KEYS` is not good now, the step would lock somebody out, or the file cannot be
    /// written.
    pub fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List(place) => show(&place.read()?),
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

impl Place {
    fn read(&self) -> anyhow::Result<SigningKeys> {
        let seeds = match &self.env_file {
            Some(path) => Settings::signing_keys(env_file(path)?)?,
            None => Settings::signing_keys(environment()?)?,
        };
        Ok(SigningKeys::new(seeds))
    }

    /// The value goes to the file, or alone to the output, so that it can be piped; words for
    /// people go beside it.
    fn write(&self, keys: &SigningKeys, next: &str) -> anyhow::Result<()> {
        let value = keys.expose();
        let mut words = io::stderr();
        match &self.env_file {
            Some(path) => {
                super::env_file::set(path, "SIGNING_KEYS", value.expose_secret())?;
                writeln!(words, "{} is written.", path.display())?;
            }
            None => writeln!(io::stdout(), "SIGNING_KEYS={}", value.expose_secret())?,
        }
        list(&mut words, keys)?;
        Ok(writeln!(words, "\n{next}")?)
    }
}

fn show(keys: &SigningKeys) -> anyhow::Result<()> {
    list(&mut io::stdout(), keys)
}

fn list(out: &mut impl io::Write, keys: &SigningKeys) -> anyhow::Result<()> {
    for (nth, kid) in keys.kids()?.iter().enumerate() {
        let does = if nth == 0 { "signs and verifies" } else { "verifies" };
        writeln!(out, "{kid}  {does}")?;
    }
    Ok(())
}
