//! The keys that sign access tokens, and how they are rotated.
//!
//! The first one signs, all verify. So that a token never meets a process (or a client with a copy
//! of the JWKS) that does not know its key yet, a new one is first published, then signs, and the
//! old one is removed when its last token has ended. `docs/runbooks/rotate-keys.md` tells it step
//! by step.

use anyhow::{Context as _, bail, ensure};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};

use crate::infra::access_tokens::kid;

/// The value of `SIGNING_KEYS`: Ed25519 seeds. The first signs, all verify.
#[derive(Debug)]
pub struct SigningKeys(Vec<SecretBox<[u8]>>);

impl SigningKeys {
    /// One that signs and one that comes or goes: more are never needed at a time.
    const MAX_KEYS: usize = 2;

    pub(crate) fn new(seeds: Vec<SecretBox<[u8]>>) -> Self {
        Self(seeds)
    }

    /// Their key ids, as in `/.well-known/jwks.json`, in order: the first one signs.
    ///
    /// # Errors
    ///
    /// If one is not an Ed25519 seed.
    pub fn kids(&self) -> anyhow::Result<Vec<String>> {
        self.0.iter().map(kid_of).collect()
    }

    /// Adds a fresh key at the end: published, so that everybody gets to know it, but not signing
    /// yet.
    ///
    /// # Errors
    ///
    /// If a rotation is under way already.
    pub fn rotate(mut self) -> anyhow::Result<Self> {
        let kids = self.kids()?;
        ensure!(
            kids.len() < Self::MAX_KEYS,
            "a rotation is under way: promote {0}, or retire it, first",
            kids[kids.len() - 1]
        );
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed).context("no random numbers to be had")?;
        self.0.push(SecretBox::new(Box::new(seed)));
        Ok(self)
    }

    /// Makes a key the one that signs. The others go on verifying.
    ///
    /// # Errors
    ///
    /// If there is no such key.
    pub fn promote(mut self, kid: &str) -> anyhow::Result<Self> {
        let at = self.position(kid)?;
        let seed = self.0.remove(at);
        self.0.insert(0, seed);
        Ok(self)
    }

    /// Removes a key: whatever it has signed is refused from then on.
    ///
    /// # Errors
    ///
    /// If there is no such key, or it is the one that signs.
    pub fn retire(mut self, kid: &str) -> anyhow::Result<Self> {
        match self.position(kid)? {
            0 => bail!("{kid} is the key that signs: promote another one first"),
            at => drop(self.0.remove(at)),
        }
        Ok(self)
    }

    /// The value of the variable.
    #[must_use]
    pub fn expose(&self) -> SecretString {
        let seeds = self.0.iter().map(|seed| STANDARD.encode(seed.expose_secret()));
        seeds.collect::<Vec<_>>().join(",").into()
    }

    fn position(&self, kid: &str) -> anyhow::Result<usize> {
        let kids = self.kids()?;
        let at = kids.iter().position(|known| known == kid);
        at.with_context(|| format!("there is no key {kid}; there are {}", kids.join(", ")))
    }
}

fn kid_of(seed: &SecretBox<[u8]>) -> anyhow::Result<String> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose_secret())
        .context("a signing key is not an Ed25519 seed")?;
    Ok(kid(pair.public_key().as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> SigningKeys {
        let seed: Vec<u8> = (1..=32).collect();
        SigningKeys::new(vec![SecretBox::new(seed.into_boxed_slice())])
    }

    #[test]
    fn a_new_key_is_published_first_then_signs_and_the_old_one_goes_last() {
        let old = one().kids().unwrap().remove(0);

        let published = one().rotate().unwrap();
        let kids = published.kids().unwrap();
        let new = kids[1].clone();
        assert_eq!((kids.len(), &kids[0]), (2, &old), "the old one still signs");

        let promoted = published.promote(&new).unwrap();
        assert_eq!(promoted.kids().unwrap(), [new.clone(), old.clone()]);

        let retired = promoted.retire(&old).unwrap();
        assert_eq!(retired.kids().unwrap(), [new]);
    }

    #[test]
    fn steps_that_would_lock_somebody_out_are_refused() {
        let old = one().kids().unwrap().remove(0);
        assert!(one().rotate().unwrap().rotate().is_err(), "a third key");
        assert!(one().retire(&old).is_err(), "the key that signs");
        assert!(one().promote("another").is_err() && one().retire("another").is_err());
    }

    #[test]
    fn what_is_written_reads_back() {
        let keys = one().rotate().unwrap();
        let written = keys.expose().expose_secret().to_owned();
        let read = SigningKeys::from_env(|name| (name == "SIGNING_KEYS").then(|| written.clone()));
        assert_eq!(read.unwrap().kids().unwrap(), keys.kids().unwrap());
        assert!(!format!("{keys:?}").contains(&written[..20]));
    }
}
