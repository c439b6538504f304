//! Rotation of the keys that sign access tokens.
//!
//! The first key signs, all verify. A rotation publishes a new key, then lets it sign, and removes the
//! old key when its last token has expired, so every process and every client with a copy of the JWKS
//! knows the key of every token. `docs/operate/rotate-keys.md` describes the steps.

use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};

use crate::infra::access_tokens::PublicKey;

/// The value of `SIGNING_KEYS`: Ed25519 seeds. The first signs, all verify.
#[derive(Debug)]
pub struct SigningKeys(Vec<SecretBox<[u8]>>);

impl SigningKeys {
    /// One key that signs and one that is being added or removed.
    const MAX_KEYS: usize = 2;

    /// Keys from their seeds.
    #[must_use]
    pub fn new(seeds: Vec<SecretBox<[u8]>>) -> Self {
        Self(seeds)
    }

    /// The key ids, as in `/.well-known/jwks.json`. The first key signs.
    ///
    /// # Errors
    ///
    /// If a seed is not an Ed25519 seed.
    pub fn kids(&self) -> anyhow::Result<Vec<String>> {
        self.0.iter().map(|seed| Ok(PublicKey::of_seed(seed)?.kid)).collect()
    }

    /// Adds a new key at the end: published, but not signing yet.
    ///
    /// # Errors
    ///
    /// If a rotation is in progress.
    pub fn rotate(mut self) -> anyhow::Result<Self> {
        let kids = self.kids()?;
        ensure!(
            kids.len() < Self::MAX_KEYS,
            "a rotation is in progress: promote or retire {0} first",
            kids[kids.len() - 1]
        );
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed).context("the system has no random numbers")?;
        self.0.push(SecretBox::new(Box::new(seed)));
        Ok(self)
    }

    /// Makes a key the signing key. The others still verify.
    ///
    /// # Errors
    ///
    /// If the key does not exist.
    pub fn promote(mut self, kid: &str) -> anyhow::Result<Self> {
        let at = self.position(kid)?;
        let seed = self.0.remove(at);
        self.0.insert(0, seed);
        Ok(self)
    }

    /// Removes a key. Tokens that it signed are refused from then on.
    ///
    /// # Errors
    ///
    /// If the key does not exist, or is the signing key.
    pub fn retire(mut self, kid: &str) -> anyhow::Result<Self> {
        match self.position(kid)? {
            0 => bail!("{kid} is the signing key: promote another one first"),
            at => drop(self.0.remove(at)),
        }
        Ok(self)
    }

    /// The value of `SIGNING_KEYS`.
    #[must_use]
    pub fn expose(&self) -> SecretString {
        let seeds = self.0.iter().map(|seed| STANDARD.encode(seed.expose_secret()));
        seeds.collect::<Vec<_>>().join(",").into()
    }

    fn position(&self, kid: &str) -> anyhow::Result<usize> {
        let kids = self.kids()?;
        let at = kids.iter().position(|known| known == kid);
        at.with_context(|| format!("key {kid} does not exist; the keys are {}", kids.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Settings, Variables};

    fn one() -> SigningKeys {
        let seed: Vec<u8> = (1..=32).collect();
        SigningKeys::new(vec![SecretBox::new(seed.into_boxed_slice())])
    }

    #[test]
    fn rotation_publishes_then_promotes_then_retires() {
        let old = one().kids().unwrap().remove(0);

        let published = one().rotate().unwrap();
        let kids = published.kids().unwrap();
        let new = kids[1].clone();
        assert_eq!((kids.len(), &kids[0]), (2, &old), "the old key still signs");

        let promoted = published.promote(&new).unwrap();
        assert_eq!(promoted.kids().unwrap(), [new.clone(), old.clone()]);

        let retired = promoted.retire(&old).unwrap();
        assert_eq!(retired.kids().unwrap(), [new]);
    }

    #[test]
    fn steps_that_would_invalidate_tokens_are_refused() {
        let old = one().kids().unwrap().remove(0);
        assert!(one().rotate().unwrap().rotate().is_err(), "a third key");
        assert!(one().retire(&old).is_err(), "the signing key");
        assert!(one().promote("another").is_err() && one().retire("another").is_err());
    }

    #[test]
    fn exposed_keys_read_back() {
        let keys = one().rotate().unwrap();
        let written = keys.expose().expose_secret().to_owned();
        let variables = Variables::parse(".env", &format!("SIGNING_KEYS={written}"));
        let read = SigningKeys::new(Settings::signing_keys(&variables).unwrap());
        assert_eq!(read.kids().unwrap(), keys.kids().unwrap());
        assert!(!format!("{keys:?}").contains(&written[..20]));
    }
}
