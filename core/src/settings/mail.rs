//! Mail.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rand::SystemRandom,
    rsa,
    signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret as _;

use super::reader::Reader;

/// Mail.
#[derive(Debug)]
pub struct Mail {
    /// `MAIL_FROM`: the sender, `Name <address>` or an address.
    pub from: String,
    /// `SMTP_TIMEOUT_S`: seconds to wait for the relay; default 20.
    pub timeout: Duration,
    /// `DKIM_SELECTOR` and `DKIM_KEY`: what signs mails, if anything does.
    pub dkim: Option<Arc<Dkim>>,
}

/// A key that signs mails, and the name it is published under.
#[derive(Debug)]
pub struct Dkim {
    /// `DKIM_SELECTOR`: the public key stands in DNS under `<selector>._domainkey.<domain>`, with
    /// the domain of `MAIL_FROM`; default `keyward`.
    pub selector: String,
    /// `DKIM_KEY`: the private key.
    pub key: DkimKey,
}

/// A private key that signs mails (RFC 6376): RSA of 2048 bits and more, or Ed25519 (RFC 8463).
pub struct DkimKey(Pair);

enum Pair {
    Rsa(rsa::KeyPair),
    Ed25519(Ed25519KeyPair),
}

impl fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DkimKey({})", self.algorithm())
    }
}

/// Reads a key in PKCS#8: PEM, or the base64 inside it. The error says what is wrong, and not the
/// key.
impl FromStr for DkimKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lines = text.lines().filter(|line| !line.starts_with("-----"));
        let base64: String = lines.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
        let der = STANDARD.decode(base64).map_err(|_| "is neither PEM nor base64")?;
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8(&der) {
            return Ok(Self(Pair::Ed25519(pair)));
        }
        let pair = rsa::KeyPair::from_pkcs8(&der)
            .map_err(|_| "is no private key in PKCS#8; run `openssl genpkey -algorithm RSA`")?;
        if pair.public_modulus_len() < Self::MIN_RSA_BYTES {
            return Err("is too short: RSA needs 2048 bits");
        }
        Ok(Self(Pair::Rsa(pair)))
    }
}

impl DkimKey {
    /// Least length of an RSA key, in bytes (RFC 8301 asks signers for 2048 bits).
    const MIN_RSA_BYTES: usize = 256;

    /// What a signature names as its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match self.0 {
            Pair::Rsa(_) => "rsa-sha256",
            Pair::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// Signs the canonical headers of a mail.
    ///
    /// # Errors
    ///
    /// If the key cannot be used, which reading it has ruled out.
    pub fn sign(&self, headers: &[u8]) -> anyhow::Result<Vec<u8>> {
        match &self.0 {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), headers, &mut signature)
                    .map_err(|_| anyhow::anyhow!("DKIM_KEY cannot sign"))?;
                Ok(signature)
            }
            // RFC 8463 signs the hash, not the headers.
            Pair::Ed25519(pair) => {
                let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, headers);
                Ok(pair.sign(hash.as_ref()).as_ref().to_vec())
            }
        }
    }

    /// The TXT record that publishes the key (RFC 6376, 3.6.1).
    ///
    /// # Errors
    ///
    /// If the public key cannot be written, which does not happen.
    pub fn record(&self) -> anyhow::Result<String> {
        let (name, key) = match &self.0 {
            Pair::Rsa(pair) => {
                let der: PublicKeyX509Der<'_> = pair
                    .public_key()
                    .as_der()
                    .map_err(|_| anyhow::anyhow!("DKIM_KEY has no public key"))?;
                ("rsa", STANDARD.encode(der.as_ref()))
            }
            Pair::Ed25519(pair) => ("ed25519", STANDARD.encode(pair.public_key().as_ref())),
        };
        Ok(format!("v=DKIM1; k={name}; p={key}"))
    }
}

impl Mail {
    pub(super) fn read(env: &mut Reader<'_>) -> Self {
        Self {
            from: env.value("MAIL_FROM", "Keyward <no-reply@keyward.example>"),
            timeout: env.seconds("SMTP_TIMEOUT_S", "20"),
            dkim: Dkim::read(env).map(Arc::new),
        }
    }
}

impl Dkim {
    fn read(env: &mut Reader<'_>) -> Option<Self> {
        let selector: String = env.value("DKIM_SELECTOR", "keyward");
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !selector.split('.').all(|label| !label.is_empty() && label.chars().all(good)) {
            env.mistake("DKIM_SELECTOR: must be letters, digits, '-' and '.'");
        }
        let text = env.optional_secret("DKIM_KEY");
        if text.expose_secret().is_empty() {
            return None;
        }
        match text.expose_secret().parse() {
            Ok(key) => Some(Self { selector, key }),
            Err(flaw) => {
                env.mistake(format!("DKIM_KEY: {flaw}"));
                None
            }
        }
    }
}
