//! Refresh tokens: derived from the session's row, so that none is stored (RFC 9700, section 4.14).

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretBox};
use uuid::Uuid;

use super::SessionId;

/// The half of a refresh token's key that is kept with its session.
#[derive(Clone)]
pub struct SessionSecret(pub(crate) [u8; 32]);

/// What a refresh token claims to be, before it was checked against its session.
#[derive(Clone)]
pub struct RefreshToken {
    /// The session it continues.
    pub session_id: SessionId,
    /// Its number in the session's line of tokens, from 1.
    pub generation: i32,
    mac: [u8; 32],
}

impl RefreshToken {
    const PREFIX: &'static str = "kwr_";

    /// Reads a token's text: `kwr_` and base64url of id, generation and MAC (52 bytes).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(Self::PREFIX)?).ok()?;
        let bytes: [u8; 52] = bytes.try_into().ok()?;
        let (id, rest) = bytes.split_at(16);
        let (generation, mac) = rest.split_at(4);
        Some(Self {
            session_id: SessionId(Uuid::from_slice(id).ok()?),
            generation: i32::from_be_bytes(generation.try_into().ok()?),
            mac: mac.try_into().ok()?,
        })
    }

    /// The token's text, as its owner gets it.
    #[must_use]
    pub fn expose(&self) -> String {
        let mut bytes = [0; 52];
        bytes[..16].copy_from_slice(self.session_id.0.as_bytes());
        bytes[16..20].copy_from_slice(&self.generation.to_be_bytes());
        bytes[20..].copy_from_slice(&self.mac);
        format!("{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The server's half of the key. A copy of the database alone forges no token, nor does this alone.
#[derive(Debug)]
pub struct SessionKey(SecretBox<[u8]>);

impl SessionKey {
    /// Takes the key, at least 32 bytes (the settings see to it).
    #[must_use]
    pub fn new(key: SecretBox<[u8]>) -> Self {
        Self(key)
    }

    /// The token of a session's generation. The same every time, so a lost answer can be repeated.
    #[must_use]
    pub fn token(&self, id: SessionId, generation: i32, secret: &SessionSecret) -> RefreshToken {
        let tag = hmac::sign(&self.key(secret), &message(id, generation));
        let mut mac = [0; 32];
        mac.copy_from_slice(tag.as_ref());
        RefreshToken { session_id: id, generation, mac }
    }

    /// Whether we issued the token for the session that holds `secret`. Takes constant time.
    #[must_use]
    pub fn issued(&self, token: &RefreshToken, secret: &SessionSecret) -> bool {
        let message = message(token.session_id, token.generation);
        hmac::verify(&self.key(secret), &message, &token.mac).is_ok()
    }

    /// Both halves: `HMAC(server key, session secret)` is the key of the session's tokens.
    fn key(&self, secret: &SessionSecret) -> hmac::Key {
        let server = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret());
        hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&server, &secret.0).as_ref())
    }
}

fn message(id: SessionId, generation: i32) -> Vec<u8> {
    let mut message = b"keyward/refresh/v1/".to_vec();
    message.extend_from_slice(id.0.as_bytes());
    message.extend_from_slice(&generation.to_be_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> SessionKey {
        SessionKey::new(SecretBox::new(vec![byte; 32].into_boxed_slice()))
    }

    #[test]
    fn a_token_needs_both_halves_of_its_key() {
        let id = SessionId::new();
        let secret = SessionSecret([7; 32]);
        let text = key(1).token(id, 3, &secret).expose();
        let token = RefreshToken::parse(&text).unwrap();
        assert_eq!((token.session_id, token.generation), (id, 3));
        assert!(key(1).issued(&token, &secret));
        assert!(!key(2).issued(&token, &secret));
        assert!(!key(1).issued(&token, &SessionSecret([8; 32])));
    }

    #[test]
    fn another_generation_is_another_token() {
        let secret = SessionSecret([7; 32]);
        let mut token = key(1).token(SessionId::new(), 3, &secret);
        token.generation = 4;
        assert!(!key(1).issued(&token, &secret));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_without_panic_and_forges_nothing(text in "(kwr_)?[A-Za-z0-9_=-]{0,80}") {
            if let Some(token) = RefreshToken::parse(&text) {
                prop_assert!(!key(1).issued(&token, &SessionSecret([7; 32])));
                prop_assert_eq!(token.expose(), text);
            }
        }
    }
}
