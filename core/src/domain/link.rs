//! Emailed links (OWASP Forgot Password Cheat Sheet, "URL tokens"). The token is derived from the id
//! of the link, so that no secret is stored.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::{LinkId, Purpose, derivation_key::DerivationKey};

/// The secret part of a link: 48 bytes as 64 URL-safe characters. Never stored, never logged.
#[derive(Clone)]
pub struct LinkToken(String);

impl LinkToken {
    /// Its length in characters.
    pub const LEN: usize = 64;

    /// Whether a text has the form of a token, whichever link it is for.
    #[must_use]
    pub fn is_complete(text: &str) -> bool {
        URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 48)
    }

    /// The token as it stands in the link, after the `#`.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Derives and checks link tokens: `base64url(id ‖ HMAC-SHA-256(LINK_KEY, purpose ‖ id))`.
///
/// Every attempt to send an email derives the same token, so a duplicate email does no harm.
#[derive(Debug)]
pub struct LinkKey(pub DerivationKey);

impl LinkKey {
    /// Derives the token of a link.
    #[must_use]
    pub fn token(&self, purpose: Purpose, id: LinkId) -> LinkToken {
        let mac = self.0.derive(&message(purpose, id));
        LinkToken(URL_SAFE_NO_PAD.encode([id.0.as_bytes(), &mac[..]].concat()))
    }

    /// Returns the link of a token; `None` for a forged one, after the same time for every forgery.
    ///
    /// Only the exact characters of the token pass: no padding, no other case, no white space.
    #[must_use]
    pub fn open(&self, purpose: Purpose, token: &str) -> Option<LinkId> {
        let bytes: [u8; 48] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (id, mac) = bytes.split_at(16);
        let id = LinkId(Uuid::from_slice(id).ok()?);
        self.0.has_derived(&message(purpose, id), mac).then_some(id)
    }
}

fn message(purpose: Purpose, id: LinkId) -> Vec<u8> {
    let context = format!("keyward/link/v1/{}/", purpose.as_str());
    [context.as_bytes(), id.0.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use secrecy::SecretBox;

    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> LinkKey {
        LinkKey(DerivationKey::new(SecretBox::new(vec![byte; 32].into_boxed_slice())))
    }

    #[test]
    fn a_token_opens_its_link_for_its_purpose_only() {
        let id = LinkId::new();
        let token = key(1).token(Purpose::ResetPassword, id);
        assert_eq!(key(1).open(Purpose::ResetPassword, token.expose()), Some(id));
        assert_eq!(key(1).open(Purpose::VerifyEmail, token.expose()), None);
        assert_eq!(key(2).open(Purpose::ResetPassword, token.expose()), None);
    }

    #[test]
    fn every_attempt_derives_the_same_token() {
        let id = LinkId::new();
        let [first, second] = [(); 2].map(|()| key(1).token(Purpose::VerifyEmail, id));
        assert_eq!(first.expose(), second.expose());
        assert_eq!(first.expose().len(), 64);
    }

    #[test]
    fn truncated_padded_recased_and_encoded_tokens_fail() {
        let token = key(1).token(Purpose::ResetPassword, LinkId(Uuid::from_u128(7)));
        let good = token.expose();
        for bad in [
            good[..63].to_owned(),
            format!("{good}="),
            format!("{good}A"),
            format!(" {good}"),
            good.to_uppercase(),
            good.to_lowercase(),
            good.replacen('A', "%41", 1),
            String::new(),
        ] {
            assert_eq!(key(1).open(Purpose::ResetPassword, &bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn only_the_token_opens_a_link(token in "[A-Za-z0-9_-]{64}|\\PC{0,80}") {
            prop_assert_eq!(key(1).open(Purpose::ResetPassword, &token), None);
        }

        #[test]
        fn one_changed_character_is_refused(at in 0_usize..64, with in "[A-Za-z0-9_-]") {
            let good = key(1).token(Purpose::ResetPassword, LinkId::new());
            let mut bad = good.expose().to_owned();
            bad.replace_range(at..=at, &with);
            prop_assume!(bad != good.expose());
            prop_assert_eq!(key(1).open(Purpose::ResetPassword, &bad), None);
        }
    }
}
