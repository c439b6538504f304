//! Keys that other secrets are derived from.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret as _, SecretBox};

/// A key from the settings, which check its size (at least 32 bytes). Derives secrets by HMAC-SHA-256
/// (RFC 2104), so that none is stored.
#[derive(Debug)]
pub struct DerivationKey(SecretBox<[u8]>);

impl DerivationKey {
    /// Takes the key.
    #[must_use]
    pub fn new(key: SecretBox<[u8]>) -> Self {
        Self(key)
    }

    /// Derives a secret from a message.
    pub(super) fn derive(&self, message: &[u8]) -> [u8; 32] {
        let mut secret = [0; 32];
        secret.copy_from_slice(hmac::sign(&self.key(), message).as_ref());
        secret
    }

    /// Whether a secret was derived from a message. Takes the same time for every wrong secret.
    pub(super) fn has_derived(&self, message: &[u8], secret: &[u8]) -> bool {
        hmac::verify(&self.key(), message, secret).is_ok()
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret())
    }
}
