//! Refresh tokens, derived from the row of their session, so that none is stored (RFC 9700, section
//! 4.14).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretBox;
use uuid::Uuid;

use super::{SessionId, derivation_key::DerivationKey};

/// The half of a refresh token's key that is stored with its session.
#[derive(Clone)]
pub struct SessionSecret(pub(crate) [u8; 32]);

/// What a refresh token claims. Its MAC is not checked yet.
#[derive(Clone)]
pub struct RefreshToken {
    /// The session it continues.
    pub session_id: SessionId,
    /// Its number among the tokens of the session, from 1.
    pub generation: i32,
    mac: [u8; 32],
}

impl RefreshToken {
    const PREFIX: &'static str = "kwr_";

    /// Reads the text of a token: `kwr_` and base64url of id, generation and MAC (52 bytes).
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

    /// The text of the token.
    #[must_use]
    pub fn expose(&self) -> String {
        let id = self.session_id.0.as_bytes();
        let bytes = [&id[..], &self.generation.to_be_bytes(), &self.mac].concat();
        format!("{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The server's half of the key. Neither half alone can forge a token.
#[derive(Debug)]
pub struct SessionKey(pub DerivationKey);

impl SessionKey {
    /// Derives the token of a session's generation. It is the same each time, so that a lost response
    /// can be repeated.
    #[must_use]
    pub fn token(&self, id: SessionId, generation: i32, secret: &SessionSecret) -> RefreshToken {
        let mac = self.key(secret).derive(&message(id, generation));
        RefreshToken { session_id: id, generation, mac }
    }

    /// Whether the token was issued for the session with this secret. Takes constant time.
    #[must_use]
    pub fn issued(&self, token: &RefreshToken, secret: &SessionSecret) -> bool {
        let message = message(token.session_id, token.generation);
        self.key(secret).has_derived(&message, &token.mac)
    }

    /// Joins both halves: `HMAC(server key, session secret)` is the key of the session's tokens.
    fn key(&self, secret: &SessionSecret) -> DerivationKey {
        DerivationKey::new(SecretBox::new(Box::new(self.0.derive(&secret.0))))
    }
}

fn message(id: SessionId, generation: i32) -> Vec<u8> {
    [&b"keyward/refresh/v1/"[..], id.0.as_bytes(), &generation.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> SessionKey {
        SessionKey(DerivationKey::new(SecretBox::new(vec![byte; 32].into_boxed_slice())))
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
        fn no_other_text_is_a_token(text in "(kwr_)?[A-Za-z0-9_=-]{0,80}") {
            if let Some(token) = RefreshToken::parse(&text) {
                prop_assert!(!key(1).issued(&token, &SessionSecret([7; 32])));
                prop_assert_eq!(token.expose(), text);
            }
        }
    }
}
