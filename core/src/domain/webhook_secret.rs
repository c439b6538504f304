//! The secrets that sign webhooks. Derived from a key, so that none is stored.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretBox};

use super::{EventId, WebhookId};

/// Derives the secrets of endpoints: `HMAC-SHA-256(WEBHOOK_KEY, endpoint ‖ generation)`.
#[derive(Debug)]
pub struct WebhookKey(SecretBox<[u8]>);

impl WebhookKey {
    /// Takes the key, at least 32 bytes (the settings see to it).
    #[must_use]
    pub fn new(key: SecretBox<[u8]>) -> Self {
        Self(key)
    }

    /// The secret of an endpoint in a generation; each rotation begins a new one.
    #[must_use]
    pub fn secret(&self, id: WebhookId, generation: i32) -> WebhookSecret {
        let mut message = b"keyward/webhook/v1/".to_vec();
        message.extend_from_slice(id.0.as_bytes());
        message.extend_from_slice(&generation.to_be_bytes());
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret());
        let mut secret = [0; 32];
        secret.copy_from_slice(hmac::sign(&key, &message).as_ref());
        WebhookSecret(secret)
    }
}

/// A secret that we share with an endpoint. Shown once, never stored, never logged.
#[derive(Clone)]
pub struct WebhookSecret([u8; 32]);

impl WebhookSecret {
    /// The secret as Standard Webhooks writes it: `whsec_` and base64.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    /// Signs a message (Standard Webhooks, symmetric signatures): `v1,` and the base64 of
    /// `HMAC-SHA-256(secret, id.timestamp.body)`. The time is in it, so that nobody can send it
    /// again later.
    #[must_use]
    pub fn sign(&self, id: EventId, at: DateTime<Utc>, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let message = format!("{id}.{}.{body}", at.timestamp());
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, message.as_bytes())))
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> WebhookKey {
        WebhookKey::new(SecretBox::new(vec![byte; 32].into_boxed_slice()))
    }

    #[test]
    fn every_endpoint_and_every_generation_has_a_secret_of_its_own() {
        let (a, b) = (WebhookId::new(), WebhookId::new());
        let secret = key(1).secret(a, 1).expose();
        assert_eq!(key(1).secret(a, 1).expose(), secret);
        for other in [key(1).secret(a, 2), key(1).secret(b, 1), key(2).secret(a, 1)] {
            assert_ne!(other.expose(), secret);
        }
    }

    #[test]
    fn a_secret_has_32_bytes_and_shows_itself_only_when_asked() {
        let secret = key(1).secret(WebhookId::new(), 1);
        let exposed = secret.expose();
        let encoded = exposed.strip_prefix("whsec_").unwrap();
        assert_eq!(STANDARD.decode(encoded).unwrap().len(), 32);
        assert_eq!(format!("{secret:?}"), "WebhookSecret");
    }
}
