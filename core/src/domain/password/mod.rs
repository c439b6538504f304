//! Passwords: NIST SP 800-63B-4, section 3.1.1; OWASP ASVS 5.0, 6.2.

mod blocklist;
mod strength;

use secrecy::{ExposeSecret as _, SecretString};
use unicode_normalization::UnicodeNormalization as _;

use crate::error::Flaw;

pub use blocklist::Blocklist;

/// A password in Unicode NFC; not trimmed, not truncated. `Debug` does not show it.
///
/// Its size is bounded before any costly work. Only a *new* password must satisfy the
/// [`PasswordPolicy`], so a stricter policy locks no account out.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// Maximum length in code points; NIST requires at least 64.
    pub const MAX_CHARS: usize = 128;

    /// Reads a password from a request.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] if it is empty or longer than [`MAX_CHARS`](Self::MAX_CHARS).
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        if typed.is_empty() {
            return Err(Flaw::new("required", "a password is needed"));
        }
        // A code point has at most four bytes. This bounds the cost of the normalisation.
        if typed.len() > Self::MAX_CHARS * 4 || typed.chars().count() > Self::MAX_CHARS {
            let flaw = Flaw::new("too_long", "a password has at most 128 characters");
            return Err(flaw.with("max", Self::MAX_CHARS));
        }
        Ok(Self(typed.nfc().collect::<String>().into()))
    }

    /// The bytes to hash.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// A password that satisfies the [`PasswordPolicy`]. Made by [`PasswordPolicy::validate`] only, so a
/// command that takes one need not check it again.
#[derive(Debug, Clone)]
pub struct AcceptedPassword(Password);

impl std::ops::Deref for AcceptedPassword {
    type Target = Password;

    fn deref(&self) -> &Password {
        &self.0
    }
}

/// The rules for a new password: its length, and that it is not among the first guesses of an attacker
/// (NIST SP 800-63B-4, section 3.1.1.2). No composition rules.
#[derive(Debug, Clone)]
pub struct PasswordPolicy {
    /// Minimum length in code points; NIST requires 15 if the password is the only factor.
    min_chars: usize,
    /// Name of the product.
    product: String,
    /// Passwords to refuse besides those that zxcvbn knows.
    blocklist: Blocklist,
}

impl PasswordPolicy {
    /// Refused as a part of a password whatever the product is called.
    const OWN_NAME: &'static str = "keyward";

    /// Makes a policy.
    #[must_use]
    pub fn new(min_chars: usize, product: String, blocklist: Blocklist) -> Self {
        Self { min_chars, product, blocklist }
    }

    /// Checks a new password. `context` holds the owner's address and name, which attackers try
    /// (OWASP ASVS 5.0, 6.1.2 and 6.2.11), as they try the product's name.
    ///
    /// Case, accents, separators and look-alikes such as `0` for `o` make no difference.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that does not contain the password.
    pub fn validate(&self, password: Password, context: &[&str]) -> Result<AcceptedPassword, Flaw> {
        let text = password.0.expose_secret();
        if text.chars().count() < self.min_chars {
            return Err(Self::too_short(self.min_chars));
        }
        let own = context.iter().copied().chain([&*self.product, Self::OWN_NAME]);
        if self.blocklist.contains(text) {
            return Err(strength::too_common());
        }
        strength::check(text, own)?;
        Ok(AcceptedPassword(password))
    }

    /// The flaw of a password with fewer code points than this.
    #[must_use]
    pub fn too_short(min_chars: usize) -> Flaw {
        let detail = format!("a password has at least {min_chars} characters");
        Flaw::new("too_short", detail).with("min", min_chars)
    }
}

#[cfg(test)]
mod tests;
