//! Service tokens, derived from a row and a key, so that none is stored.
//!
//! A token is `kws_`, 80 characters of base64url and six of a checksum:
//!
//! ```text
//! kws_ base64url(id 16 ‖ generation 4 ‖ seal 8 ‖ MAC 32) base62(CRC-32 of everything before)
//! ```
//!
//! Anyone can check the checksum, so clients and secret scanners recognise a token and a typing error
//! without a request. The seal is checked with the key alone, so that a token that was never issued costs
//! no query. The MAC needs the key and the secret in the row: neither half alone can forge a token.

use aws_lc_rs::constant_time;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretBox;
use uuid::Uuid;

use super::{ServiceTokenId, derivation_key::DerivationKey};

/// The half of a service token's key that is stored in its row.
#[derive(Clone)]
pub struct ServiceTokenSecret(pub(crate) [u8; 32]);

/// A token that was issued at some time. Its MAC is not checked yet.
#[derive(Clone)]
pub struct ServiceToken {
    /// Its id.
    pub id: ServiceTokenId,
    /// Its number among the secrets of this id, from 1.
    pub generation: i32,
    mac: [u8; 32],
}

impl ServiceToken {
    /// What every token begins with.
    pub const PREFIX: &'static str = "kws_";
    const PAYLOAD_BYTES: usize = 60;
    const SEAL_BYTES: usize = 8;
    const CHECKSUM_CHARS: usize = 6;
}

/// The server's half of the key.
#[derive(Debug)]
pub struct ServiceTokenKey(pub DerivationKey);

impl ServiceTokenKey {
    /// Derives the text of a token. It is the same each time.
    #[must_use]
    pub fn token(
        &self,
        id: ServiceTokenId,
        generation: i32,
        secret: &ServiceTokenSecret,
    ) -> String {
        let message = message(id, generation);
        let mac = self.key(secret).derive(&message);
        let seal = self.0.derive(&message);
        let payload = [&message[CONTEXT.len()..], &seal[..ServiceToken::SEAL_BYTES], &mac].concat();
        let text = format!("{}{}", ServiceToken::PREFIX, URL_SAFE_NO_PAD.encode(payload));
        let checksum = checksum(&text);
        text + &checksum
    }

    /// Reads a token. Needs no query, and `None` for a typing error and a token that was never issued.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<ServiceToken> {
        let end = text.len().checked_sub(ServiceToken::CHECKSUM_CHARS)?;
        let (start, ending) = text.split_at_checked(end)?;
        let payload = start.strip_prefix(ServiceToken::PREFIX)?;
        if checksum(start) != ending {
            return None;
        }
        let payload: [u8; ServiceToken::PAYLOAD_BYTES] =
            URL_SAFE_NO_PAD.decode(payload).ok()?.try_into().ok()?;
        let (id, rest) = payload.split_at(16);
        let (generation, rest) = rest.split_at(4);
        let (seal, mac) = rest.split_at(ServiceToken::SEAL_BYTES);
        let id = ServiceTokenId(Uuid::from_slice(id).ok()?);
        let generation = i32::from_be_bytes(generation.try_into().ok()?);
        let expected = self.0.derive(&message(id, generation));
        constant_time::verify_slices_are_equal(&expected[..ServiceToken::SEAL_BYTES], seal).ok()?;
        Some(ServiceToken { id, generation, mac: mac.try_into().ok()? })
    }

    /// Whether the token was issued for the row with this secret. Takes constant time.
    #[must_use]
    pub fn issued(&self, token: &ServiceToken, secret: &ServiceTokenSecret) -> bool {
        self.key(secret).has_derived(&message(token.id, token.generation), &token.mac)
    }

    /// Joins both halves.
    fn key(&self, secret: &ServiceTokenSecret) -> DerivationKey {
        DerivationKey::new(SecretBox::new(Box::new(self.0.derive(&secret.0))))
    }
}

const CONTEXT: &[u8] = b"keyward/service/v1/";

fn message(id: ServiceTokenId, generation: i32) -> Vec<u8> {
    [CONTEXT, id.0.as_bytes(), &generation.to_be_bytes()].concat()
}

/// The CRC-32 of a text as six digits of base 62, as the tokens of other services have it.
fn checksum(text: &str) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let crc = crc32fast::hash(text.as_bytes());
    let digit = |place: u32| DIGITS[(crc / 62_u32.pow(place) % 62) as usize];
    (0..6).rev().map(|place| char::from(digit(place))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> ServiceTokenKey {
        ServiceTokenKey(DerivationKey::new(SecretBox::new(vec![byte; 32].into_boxed_slice())))
    }

    const SECRET: ServiceTokenSecret = ServiceTokenSecret([7; 32]);

    #[test]
    fn token_needs_both_halves_of_its_key() {
        let id = ServiceTokenId::new();
        let text = key(1).token(id, 3, &SECRET);
        let token = key(1).read(&text).unwrap();
        assert_eq!((token.id, token.generation), (id, 3));
        assert!(key(1).issued(&token, &SECRET));
        assert!(!key(1).issued(&token, &ServiceTokenSecret([8; 32])));
        assert!(!key(2).issued(&token, &SECRET));
        assert!(key(2).read(&text).is_none(), "the seal is of another key");
    }

    #[test]
    fn other_generation_is_another_token() {
        let mut token = key(1).read(&key(1).token(ServiceTokenId::new(), 3, &SECRET)).unwrap();
        token.generation = 4;
        assert!(!key(1).issued(&token, &SECRET));
    }

    /// The form and the checksum that `docs/integrate/service-tokens.md` describes. Scanners rely on both.
    #[test]
    fn form_and_checksum_are_frozen() {
        let text = key(1).token(ServiceTokenId(Uuid::from_u128(1)), 1, &SECRET);
        assert_eq!(text.len(), 90);
        assert!(text[4..84].bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        assert_eq!(checksum("kws_"), "1oWm3X");
        assert_eq!(checksum(&text[..84]), text[84..]);
    }

    proptest! {
        #[test]
        fn every_change_of_a_token_is_noticed(at in 0_usize..90, to in "[A-Za-z0-9_-]") {
            let text = key(1).token(ServiceTokenId(Uuid::from_u128(5)), 1, &SECRET);
            let mut changed = text.clone();
            changed.replace_range(at..=at, &to);
            prop_assert!(changed == text || key(1).read(&changed).is_none());
            prop_assert!(key(1).read(&text[..at]).is_none(), "truncated");
            prop_assert!(key(1).read(&format!("{text}{to}")).is_none(), "longer");
        }

        #[test]
        fn no_other_text_is_a_token(text in "(kws_)?\\PC{0,100}") {
            prop_assert!(key(1).read(&text).is_none());
        }
    }
}
