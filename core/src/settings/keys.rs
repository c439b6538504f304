//! Keys.

use secrecy::{ExposeSecret as _, SecretBox};

use super::reader::Reader;

/// Keys, 32 bytes and more, in base64.
#[derive(Debug)]
pub struct Keys {
    /// `LINK_KEY`: derives the tokens of mailed links.
    pub link: SecretBox<[u8]>,
    /// `SESSION_KEY`: the server's half of the key of refresh tokens.
    pub session: SecretBox<[u8]>,
    /// `WEBHOOK_KEY`: derives the secrets that sign webhooks.
    pub webhook: SecretBox<[u8]>,
    /// `SIGNING_KEYS`: Ed25519 seeds, comma-separated; the first signs, all verify.
    pub signing: Vec<SecretBox<[u8]>>,
}

impl Keys {
    pub(super) fn read(env: &mut Reader<'_>) -> Self {
        Self {
            link: env.key("LINK_KEY"),
            session: env.key("SESSION_KEY"),
            webhook: env.key("WEBHOOK_KEY"),
            signing: env.seeds("SIGNING_KEYS"),
        }
    }

    /// No key may serve two purposes: whoever learns one must not have the other.
    pub(super) fn cross_check(&self, env: &mut Reader<'_>) {
        let keys = [
            ("LINK_KEY", &self.link),
            ("SESSION_KEY", &self.session),
            ("WEBHOOK_KEY", &self.webhook),
        ];
        for (nth, (name, key)) in keys.iter().enumerate() {
            let key = key.expose_secret();
            for (other, known) in &keys[..nth] {
                if !key.is_empty() && known.expose_secret() == key {
                    env.mistake(format!("{other} and {name}: must differ"));
                }
            }
        }
    }
}
