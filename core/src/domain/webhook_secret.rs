//! The secrets that sign webhook deliveries, derived from a key, so that none is stored.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};

use super::{EventId, WebhookId, derivation_key::DerivationKey};

/// Derives the secrets of webhooks: `HMAC-SHA-256(WEBHOOK_KEY, webhook ‖ generation)`.
#[derive(Debug)]
pub struct WebhookKey(pub DerivationKey);

impl WebhookKey {
    /// Derives the secret of a webhook in a generation; each rotation starts a new one.
    #[must_use]
    pub fn secret(&self, id: WebhookId, generation: i32) -> WebhookSecret {
        let context = &b"keyward/webhook/v1/"[..];
        let message = [context, id.0.as_bytes(), &generation.to_be_bytes()].concat();
        WebhookSecret(self.0.derive(&message))
    }
}

/// The secret that is shared with an endpoint. Shown once, never stored, never logged.
pub struct WebhookSecret([u8; 32]);

impl WebhookSecret {
    /// The secret as Standard Webhooks writes it: `whsec_` and base64.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    /// Signs a delivery (Standard Webhooks, symmetric signatures): `v1,` and the base64 of
    /// `HMAC-SHA-256(secret, id.timestamp.body)`. The signed time prevents a later replay.
    #[must_use]
    pub fn sign(&self, id: EventId, at: DateTime<Utc>, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let message = format!("{id}.{}.{body}", at.timestamp());
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, message.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretBox;

    use super::*;

    fn key(byte: u8) -> WebhookKey {
        WebhookKey(DerivationKey::new(SecretBox::new(vec![byte; 32].into_boxed_slice())))
    }

    #[test]
    fn every_webhook_and_generation_has_its_own_secret() {
        let (a, b) = (WebhookId::new(), WebhookId::new());
        let secret = key(1).secret(a, 1).expose();
        assert_eq!(key(1).secret(a, 1).expose(), secret);
        for other in [key(1).secret(a, 2), key(1).secret(b, 1), key(2).secret(a, 1)] {
            assert_ne!(other.expose(), secret);
        }
    }

    #[test]
    fn a_secret_has_32_bytes() {
        let secret = key(1).secret(WebhookId::new(), 1);
        let exposed = secret.expose();
        let encoded = exposed.strip_prefix("whsec_").unwrap();
        assert_eq!(STANDARD.decode(encoded).unwrap().len(), 32);
    }
}
