//! Links that are mailed (OWASP Forgot Password Cheat Sheet, "URL tokens"). The token is derived from
//! the link's id by HMAC (RFC 2104), so that no secret is stored.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretBox};
use uuid::Uuid;

use super::{LinkId, words::words};

words! {
    /// What a link is for. A token of one purpose is worth nothing for another.
    Purpose {
        /// Proves that a mailbox belongs to the account.
        VerifyEmail = "verify_email"
        /// Sets a new password.
        ResetPassword = "reset_password"
        /// Proves that a mailbox belongs to the account that wants it for its new address.
        ConfirmEmailChange = "confirm_email_change"
        /// Takes an account back to the address it had before a change.
        UndoEmailChange = "undo_email_change"
        /// Opens the account that somebody was invited to.
        AcceptInvitation = "accept_invitation"
    }
}

impl Purpose {
    /// The page of ours that the link opens.
    #[must_use]
    pub const fn page(self) -> &'static str {
        match self {
            Self::VerifyEmail => "/verify-email",
            Self::ResetPassword => "/reset-password",
            Self::ConfirmEmailChange => "/confirm-email",
            Self::UndoEmailChange => "/undo-email",
            Self::AcceptInvitation => "/accept-invitation",
        }
    }
}

/// The secret part of a link: 48 bytes as 64 URL-safe characters. Never stored, never logged.
#[derive(Clone)]
pub struct LinkToken(String);

impl LinkToken {
    /// The token as it stands in the link, behind the `#`.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Derives and checks link tokens: `base64url(id ‖ HMAC-SHA-256(LINK_KEY, purpose ‖ id))`.
///
/// Every retry of a mail derives the same token, so a mail sent twice does no harm.
#[derive(Debug)]
pub struct LinkKey(SecretBox<[u8]>);

impl LinkKey {
    /// Takes the key, at least 32 bytes (the settings see to it).
    #[must_use]
    pub fn new(key: SecretBox<[u8]>) -> Self {
        Self(key)
    }

    /// The token of a link.
    #[must_use]
    pub fn token(&self, purpose: Purpose, id: LinkId) -> LinkToken {
        let mut bytes = [0; 48];
        bytes[..16].copy_from_slice(id.0.as_bytes());
        bytes[16..].copy_from_slice(hmac::sign(&self.key(), &message(purpose, id)).as_ref());
        LinkToken(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The id of the link whose token this is, or nothing. Takes the same time for every forgery.
    ///
    /// Only the exact characters that were mailed pass: no padding, no other case, no white space.
    #[must_use]
    pub fn open(&self, purpose: Purpose, token: &str) -> Option<LinkId> {
        let bytes: [u8; 48] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (id, mac) = bytes.split_at(16);
        let id = LinkId(Uuid::from_slice(id).ok()?);
        hmac::verify(&self.key(), &message(purpose, id), mac).ok()?;
        Some(id)
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret())
    }
}

fn message(purpose: Purpose, id: LinkId) -> Vec<u8> {
    let mut message = format!("keyward/link/v1/{}/", purpose.as_str()).into_bytes();
    message.extend_from_slice(id.0.as_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> LinkKey {
        LinkKey::new(SecretBox::new(vec![byte; 32].into_boxed_slice()))
    }

    #[test]
    fn a_token_opens_its_own_link_for_its_own_purpose_only() {
        let id = LinkId::new();
        let token = key(1).token(Purpose::ResetPassword, id);
        assert_eq!(key(1).open(Purpose::ResetPassword, token.expose()), Some(id));
        assert_eq!(key(1).open(Purpose::VerifyEmail, token.expose()), None);
        assert_eq!(key(2).open(Purpose::ResetPassword, token.expose()), None);
    }

    #[test]
    fn every_retry_derives_the_same_token() {
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
        fn nothing_but_the_token_opens_a_link(token in "[A-Za-z0-9_-]{64}|\\PC{0,80}") {
            prop_assert_eq!(key(1).open(Purpose::ResetPassword, &token), None);
        }

        #[test]
        fn one_changed_character_spoils_it(at in 0_usize..64, with in "[A-Za-z0-9_-]") {
            let good = key(1).token(Purpose::ResetPassword, LinkId::new());
            let mut bad = good.expose().to_owned();
            bad.replace_range(at..=at, &with);
            prop_assume!(bad != good.expose());
            prop_assert_eq!(key(1).open(Purpose::ResetPassword, &bad), None);
        }
    }
}
