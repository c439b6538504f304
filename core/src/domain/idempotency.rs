//! The keys by which clients name a request, so that it takes effect once however often it is sent.

use super::derivation_key::DerivationKey;
use crate::error::Flaw;

/// A client's name for one request: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Maximum length.
    pub const MAX_CHARS: usize = 255;

    /// Parses a key.
    ///
    /// # Errors
    ///
    /// If it is empty or too long, or has blanks, controls or characters outside ASCII.
    pub fn parse(text: &[u8]) -> Result<Self, Flaw> {
        let is_key =
            (1..=Self::MAX_CHARS).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
        let text = str::from_utf8(text).ok().filter(|_| is_key);
        let flaw = || Flaw::new("malformed", "a key has 1 to 255 visible ASCII characters");
        text.map(|text| Self(text.to_owned())).ok_or_else(flaw)
    }
}

/// What a request claims by its key: keyed hashes, so that a copy of the database tells neither the key
/// nor the body, which may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The key and its caller.
    pub key: [u8; 32],
    /// The request. Also depends on the key, which only the client knows.
    pub request: [u8; 32],
}

/// Derives claims. The key is `LINK_KEY`; other contexts than those of links keep the secrets apart.
#[derive(Debug)]
pub struct ClaimKey(pub DerivationKey);

impl ClaimKey {
    /// The claim of a request. Two callers never share a key.
    #[must_use]
    pub fn claim(&self, caller: &str, key: &IdempotencyKey, request: &[u8]) -> Claim {
        // A key contains no blank, and a caller neither.
        let name = format!("{caller} {}", key.0);
        let key = self.0.derive(&[b"keyward/idempotency-key/v1/", name.as_bytes()].concat());
        let context = &b"keyward/idempotency-request/v1/"[..];
        let request = self.0.derive(&[context, name.as_bytes(), b" ", request].concat());
        Claim { key, request }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::SecretBox;

    use super::*;

    fn claim(caller: &str, key: &str, request: &str) -> Claim {
        let claims = ClaimKey(DerivationKey::new(SecretBox::new(vec![7; 32].into_boxed_slice())));
        claims.claim(caller, &IdempotencyKey::parse(key.as_bytes()).unwrap(), request.as_bytes())
    }

    #[test]
    fn callers_do_not_share_keys() {
        let first = claim("ada", "k", "body");
        assert_eq!(claim("ada", "k", "body"), first);
        assert_ne!(claim("bob", "k", "body").key, first.key);
        assert_ne!(claim("ada", "l", "body").key, first.key);
        assert_eq!(claim("ada", "k", "other").key, first.key);
        assert_ne!(claim("ada", "k", "other").request, first.request);
        assert_ne!(claim("ada", "l", "body").request, first.request);
    }

    proptest! {
        #[test]
        fn a_key_has_1_to_255_visible_ascii_characters(key in "[!-~]{1,255}") {
            prop_assert!(IdempotencyKey::parse(key.as_bytes()).is_ok());
        }

        #[test]
        fn anything_else_is_no_key(start in "[!-~]{0,20}", odd in "[^!-~]|[!-~]{256}", end in "[!-~]{0,20}") {
            let key = format!("{start}{odd}{end}");
            prop_assert!(IdempotencyKey::parse(key.as_bytes()).is_err());
        }
    }

    #[test]
    fn an_empty_key_is_no_key() {
        assert!(IdempotencyKey::parse(b"").is_err());
    }
}
