//! Passwords as people choose them: NIST SP 800-63B-4, section 3.1.1; OWASP ASVS 5.0, 6.2.

mod blocklist;
mod fold;
mod guess;

use secrecy::{ExposeSecret as _, SecretString};
use unicode_normalization::UnicodeNormalization as _;

use self::{fold::Symbols, guess::guess};
use crate::error::Flaw;

pub use self::blocklist::Blocklist;

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

/// What a new password must be. No composition rules: length is what counts, and that it is not
/// among the first an attacker tries (NIST SP 800-63B-4, section 3.1.1.2).
#[derive(Debug, Clone)]
pub struct PasswordPolicy {
    /// Least code points; NIST asks for 15 where the password is the only factor.
    min_chars: usize,
    /// The name of the product, which every attacker tries.
    product: String,
    common: Blocklist,
    /// A list of the installation's own.
    larger: Option<Blocklist>,
}

impl PasswordPolicy {
    /// A password that takes fewer than two to the power of this many guesses is refused. Two
    /// common passwords joined stay below it, with up to four digits or signs behind them; three
    /// words are above it, and so are eight letters and digits at random.
    const MIN_BITS: u32 = 35;
    /// Our own name: also tried where the product is called something else.
    const OWN_NAME: &'static str = "keyward";

    /// Makes a policy. Besides the built-in list of common passwords there may be a larger one.
    #[must_use]
    pub fn new(min_chars: usize, product: String, larger: Option<Blocklist>) -> Self {
        Self { min_chars, product, common: Blocklist::common(), larger }
    }

    /// Reads a new password as somebody typed it, and checks it: see [`check`](Self::check).
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it, without repeating it.
    pub fn parse(&self, typed: &str, context: &[&str]) -> Result<Password, Flaw> {
        let password = Password::parse(typed)?;
        self.check(&password, context).map(|()| password)
    }

    /// Checks a new password against its least length, the lists of common passwords, and the
    /// words an attacker would build it from (OWASP ASVS 5.0, 6.1.2 and 6.2.11): the owner's
    /// address and name, and the product's.
    ///
    /// Spellings make no difference: case, accents, `0` for `o`, what stands between or behind the
    /// words. Rows of a keyboard, sequences and repetitions count little, however long they are.
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
        let own_words = own_words(context.iter().copied().chain([&*self.product, Self::OWN_NAME]));
        let lists: Vec<&Blocklist> = [&self.common].into_iter().chain(&self.larger).collect();
        let guess = guess(text, &own_words, &lists);
        match guess.bits < Self::MIN_BITS {
            false => Ok(()),
            true if guess.is_listed => Err(Flaw::new(
                "too_common",
                "this password is built from passwords that everybody uses; \
                 take three or more words that have nothing to do with each other",
            )),
            true => Err(Flaw::new(
                "too_guessable",
                "this password is made of your name, your address or a repeated pattern",
            )),
        }
    }
}

/// The words of the context, whole and in parts. Two letters are in every other word.
fn own_words<'a>(context: impl Iterator<Item = &'a str>) -> Vec<Symbols> {
    context
        .flat_map(|text| {
            let whole = Symbols::of(text);
            let (bare, _) = whole.without_separators();
            let parts = text.split(|c: char| !c.is_alphanumeric()).map(Symbols::of);
            parts.chain([whole, bare]).collect::<Vec<_>>()
        })
        .filter(|word| word.folded.len() >= 3)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(typed: &str) -> Result<(), &'static str> {
        let policy = PasswordPolicy::new(15, "Acme".into(), None);
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
        for built in [
            "AdaLovelace1815",
            "ada.lovelace@example.org",
            "4d4-L0v3l4c3-4d4-L0v3l4c3",
            "lovelace_lovelace_2024",
            "AcmeAcmeAcmeAcme!",
            "keywardkeyward1",
            "K3yw4rd_Acme_Ada",
        ] {
            assert_eq!(check(built), Err("too_guessable"), "{built}");
        }
    }

    #[test]
    fn patterns_of_the_keyboard_are_refused_however_long_they_are() {
        for pattern in [
            "aaaaaaaaaaaaaaa",
            "123456789012345",
            "qwertyuiopasdfgh",
            "QWERTZUIOPASDFGHJKL",
            "abcdefghijklmnopqrstuvwxyz",
            "zyxwvutsrqponmlkjihgfedcba",
            "abcabcabcabcabcabc",
            "1qaz2wsx3edc4rfv",
            "1q2w3e4r5t6y7u8i9o0p",
            "!@#$%^&*()!@#$%^&*()",
            "xvqxvqxvqxvqxvq",
            "               ",
            "\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}\u{1f40e}",
        ] {
            assert!(check(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn common_passwords_are_refused_in_every_disguise() {
        for common in [
            "passwordpassword",
            "P@ssw0rdP@ssw0rd",
            "p.a.s.s.w.o.r.d!",
            "Password_Dragon_2024",
            "iloveyou-iloveyou-iloveyou",
            "strawberry milkshake",
            "Ada's password1!!",
        ] {
            assert_eq!(check(common), Err("too_common"), "{common}");
        }
    }

    #[test]
    fn what_is_on_the_installations_own_list_is_refused() {
        let list = Blocklist::read(&b"correct horse battery staple\n"[..]).unwrap();
        let policy = PasswordPolicy::new(15, "Acme".into(), Some(list));
        let code = |typed: &str| policy.parse(typed, &[]).map(drop).map_err(|flaw| flaw.code);

        assert_eq!(code("Correct Horse Battery Staple 7"), Err("too_common"));
        assert_eq!(code("correct horse battery stable"), Ok(()));
        assert_eq!(check("Correct Horse Battery Staple 7"), Ok(()));
    }

    #[test]
    fn good_passphrases_pass() {
        for good in [
            "correct horse battery staple",
            "correcthorsebatterystaple",
            "a garden full of thyme",
            "an entirely new passphrase",
            "the cat sat on the mat",
            "dragon monkey football",
            "zwei Katzen im Regen",
            "\u{442}\u{440}\u{438} \u{441}\u{435}\u{441}\u{442}\u{440}\u{44b} \u{447}\u{435}\u{445}\u{43e}\u{432}\u{430}",
            "Tr0ub4dor&3-and-more",
            "830284719203847",
            "kX9$vQ2#pL7@wZ4",
            "lower.case-with_signs",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    proptest! {
        #[test]
        fn four_words_chosen_at_random_pass(
            words in proptest::sample::subsequence(WORDS, 4).prop_shuffle(),
            separator in "[ ._-]?",
        ) {
            prop_assert_eq!(check(&words.join(&separator)), Ok(()));
        }

        #[test]
        fn fifteen_letters_and_digits_at_random_pass(typed in "[A-Za-z0-9]{15,30}") {
            prop_assert_eq!(check(&typed), Ok(()));
        }

        #[test]
        fn whatever_is_typed_is_judged_without_panic(typed in "\\PC{0,128}") {
            let _ = check(&typed);
        }
    }

    /// Short and everyday words, most of them on the list by themselves: the hardest case.
    const WORDS: &[&str] = &[
        "apple", "bridge", "candle", "dragon", "eagle", "flower", "guitar", "hammer", "island",
        "jacket", "kettle", "ladder", "monkey", "number", "orange", "pepper", "quartz", "rocket",
        "summer", "tiger", "uncle", "velvet", "window", "yellow", "zebra", "anchor", "butter",
        "copper", "desert", "engine",
    ];

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
