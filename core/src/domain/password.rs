//! Passwords as people choose them: NIST SP 800-63B-4, section 3.1.1.

use secrecy::{ExposeSecret as _, SecretString};
use unicode_normalization::UnicodeNormalization as _;

use crate::error::Flaw;

/// A password as it was typed, in Unicode NFC. Not trimmed, not truncated; never shown by `Debug`.
///
/// Bounded in size before anything costly looks at it; whether it is good enough for a *new*
/// password is for [`PasswordPolicy`] to say, so that a rule made stricter locks nobody out.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// Most code points a password may have (NIST asks for at least 64).
    pub const MAX_CHARS: usize = 128;

    /// Reads a password as somebody typed it.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] if it is empty or has more than [`MAX_CHARS`](Self::MAX_CHARS) code points.
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        if typed.is_empty() {
            return Err(Flaw::new("required", "a password is needed"));
        }
        // A code point has at most four bytes: no long input is normalised.
        if typed.len() > Self::MAX_CHARS * 4 || typed.chars().count() > Self::MAX_CHARS {
            return Err(Flaw::new("too_long", "a password has at most 128 characters"));
        }
        Ok(Self(typed.nfc().collect::<String>().into()))
    }

    /// The bytes to hash.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// What a new password must be. No composition rules: length is what counts.
#[derive(Debug, Clone)]
pub struct PasswordPolicy {
    /// Least code points; NIST asks for 15 where the password is the only factor.
    pub min_chars: usize,
    /// The name of the product, which every attacker tries.
    pub product: String,
}

impl PasswordPolicy {
    /// Reads a new password as somebody typed it, and checks it: see [`check`](Self::check).
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it, without repeating it.
    pub fn parse(&self, typed: &str, context: &[&str]) -> Result<Password, Flaw> {
        let password = Password::parse(typed)?;
        self.check(&password, context).map(|()| password)
    }

    /// Checks a new password against the policy and the words an attacker would build it from:
    /// the owner's address and name, and the product's name.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it, without repeating it.
    pub fn check(&self, password: &Password, context: &[&str]) -> Result<(), Flaw> {
        let text = password.0.expose_secret();
        if text.chars().count() < self.min_chars {
            let detail = format!("a password has at least {} characters", self.min_chars);
            return Err(Flaw::new("too_short", detail));
        }
        let mut rest = text.to_lowercase();
        for word in words(context.iter().copied().chain([self.product.as_str()])) {
            rest = rest.replace(&word, "");
        }
        let distinct = rest.chars().collect::<std::collections::HashSet<_>>().len();
        if rest.chars().count() * 2 < self.min_chars || distinct < Self::MIN_DISTINCT {
            return Err(Flaw::new(
                "too_guessable",
                "this password is made of your name, your address or a repeated pattern",
            ));
        }
        Ok(())
    }

    /// Fewer different characters than this is one key held down.
    const MIN_DISTINCT: usize = 4;
}

/// The words of the context, longest first, short ones left out (they are in every sentence).
fn words<'a>(context: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut words: Vec<String> = context
        .flat_map(|text| {
            let text = text.to_lowercase();
            let parts: Vec<String> =
                text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
            parts.into_iter().chain([text])
        })
        .filter(|word| word.chars().count() >= 4)
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str) -> Result<(), &'static str> {
        let policy = PasswordPolicy { min_chars: 15, product: "Keyward".into() };
        let password = Password::parse(typed).map_err(|flaw| flaw.code)?;
        policy
            .check(&password, &["ada.lovelace@example.org", "Ada Lovelace"])
            .map_err(|flaw| flaw.code)
    }

    #[test]
    fn length_is_counted_in_composed_code_points() {
        assert_eq!(check("correct horse b"), Ok(()));
        assert_eq!(check("correct horse "), Err("too_short"));
        assert_eq!(check("cafe\u{301} creme 12"), Err("too_short"));
        assert_eq!(check(&"a\u{1f40e}bcd".repeat(26)), Err("too_long"));
    }

    #[test]
    fn spaces_at_the_ends_belong_to_the_password() {
        assert_eq!(check("  correct horse"), Ok(()));
    }

    #[test]
    fn a_password_built_from_its_owner_or_the_product_is_refused() {
        assert_eq!(check("AdaLovelace1815"), Err("too_guessable"));
        assert_eq!(check("keywardkeyward1"), Err("too_guessable"));
        assert_eq!(check("ada.lovelace@example.org"), Err("too_guessable"));
        assert_eq!(check("aaaaaaaaaaaaaaaaaaaa"), Err("too_guessable"));
    }

    #[test]
    fn both_ways_to_write_a_letter_are_one_password() {
        let composed = Password::parse("caf\u{e9}").unwrap();
        let decomposed = Password::parse("cafe\u{301}").unwrap();
        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
    }

    #[test]
    fn debug_output_hides_the_password() {
        let shown = format!("{:?}", Password::parse("correct horse b").unwrap());
        assert!(!shown.contains("horse"), "{shown}");
    }
}
