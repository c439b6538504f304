//! The key that signs emails.

use std::{fmt, str::FromStr, sync::Arc};

use anyhow::Context as _;
use aws_lc_rs::{
    digest,
    encoding::{AsDer as _, PublicKeyX509Der},
    rand::SystemRandom,
    rsa,
    signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A key that signs emails, and the name it is published under.
#[derive(Debug, Clone)]
pub struct Dkim {
    /// `DKIM_SELECTOR`.
    pub selector: String,
    /// `DKIM_KEY`.
    pub key: DkimKey,
}

/// A private key that signs emails (RFC 6376): RSA of 2048 bits or more, or Ed25519 (RFC 8463). Cheap
/// to clone.
#[derive(Clone)]
pub struct DkimKey(Arc<Pair>);

enum Pair {
    Rsa(rsa::KeyPair),
    Ed25519(Ed25519KeyPair),
}

impl fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DkimKey({})", self.algorithm())
    }
}

/// Reads a key in PKCS#8: PEM, or the base64 inside it. The error does not contain the key.
impl FromStr for DkimKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lines = text.lines().filter(|line| !line.starts_with("-----"));
        let base64: String = lines.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
        let der = STANDARD.decode(base64).map_err(|_| "is neither PEM nor base64")?;
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8(&der) {
            return Ok(Self(Arc::new(Pair::Ed25519(pair))));
        }
        let pair = rsa::KeyPair::from_pkcs8(&der)
            .map_err(|_| "is not a private key in PKCS#8; run `openssl genpkey -algorithm RSA`")?;
        if pair.public_modulus_len() < Self::MIN_RSA_BYTES {
            return Err("is too short: RSA needs 2048 bits");
        }
        Ok(Self(Arc::new(Pair::Rsa(pair))))
    }
}

impl DkimKey {
    /// Minimum length of an RSA key: RFC 8301 asks signers for 2048 bits.
    const MIN_RSA_BYTES: usize = 256;

    /// The value of the signature's tag `a=`.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match *self.0 {
            Pair::Rsa(_) => "rsa-sha256",
            Pair::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// Signs the canonical headers of an email.
    ///
    /// # Errors
    ///
    /// If the key cannot sign; parsing it rules that out.
    pub fn sign(&self, headers: &[u8]) -> anyhow::Result<Vec<u8>> {
        match &*self.0 {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), headers, &mut signature)
                    .context("DKIM_KEY cannot sign")?;
                Ok(signature)
            }
            // RFC 8463 signs the hash of the headers.
            Pair::Ed25519(pair) => {
                let hash = digest::digest(&digest::SHA256, headers);
                Ok(pair.sign(hash.as_ref()).as_ref().to_vec())
            }
        }
    }

    /// The TXT record that publishes the key (RFC 6376, 3.6.1).
    ///
    /// # Errors
    ///
    /// If the public key cannot be encoded; parsing the key rules that out.
    pub fn record(&self) -> anyhow::Result<String> {
        let (name, key) = match &*self.0 {
            Pair::Rsa(pair) => {
                let der: PublicKeyX509Der<'_> =
                    pair.public_key().as_der().context("DKIM_KEY has no public key")?;
                ("rsa", STANDARD.encode(der.as_ref()))
            }
            Pair::Ed25519(pair) => ("ed25519", STANDARD.encode(pair.public_key().as_ref())),
        };
        Ok(format!("v=DKIM1; k={name}; p={key}"))
    }
}
