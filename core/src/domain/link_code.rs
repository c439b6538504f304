//! Short codes of emailed links, for readers who type them on another device. A code is derived from
//! the id of its link, as the token is, so that it is not stored.

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::{EmailAddress, LinkId, LinkKey, Purpose};
use crate::error::Flaw;

/// Consonants without `Y`: they form no words and look alike in no font (RFC 8628, section 6.1).
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LETTERS: usize = 8;

/// The short code of a link: eight letters, one of 20^8 (about 2^34.6). Never stored, never logged.
///
/// It protects a link only together with the limits on tries: [`MAX_TRIES`](Self::MAX_TRIES) for each
/// code, and a bounded number of codes for each address and day.
#[derive(Clone)]
pub struct LinkCode([u8; LETTERS]);

impl LinkCode {
    /// Wrong tries after which a code no longer works. Its link still does, so a stranger who guesses
    /// takes no link from its owner.
    pub const MAX_TRIES: i16 = 5;
    /// The number of codes.
    pub const COUNT: u64 = (ALPHABET.len() as u64).pow(LETTERS as u32);
    /// Maximum length as typed, in code points. Shorter than a token.
    pub const MAX_CHARS: usize = 40;

    /// Reads a code as typed: in any case, also in full-width letters. Ignores characters that are
    /// neither letters nor digits: blanks, hyphens of every kind, and what is pasted along.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] if it cannot be a code.
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        if typed.chars().nth(Self::MAX_CHARS).is_some() {
            return Err(Self::malformed());
        }
        let letters: Vec<char> = typed.chars().filter(|c| c.is_alphanumeric()).collect();
        if letters.is_empty() {
            return Err(Flaw::new("required", "the code from the email is needed"));
        }
        let letters: Option<Vec<u8>> = letters.into_iter().map(letter).collect();
        let letters = letters.and_then(|letters| letters.try_into().ok());
        letters.map(Self).ok_or_else(Self::malformed)
    }

    /// The code as the email shows it: `WDJB-MJHT`.
    #[must_use]
    pub fn expose(&self) -> String {
        let (first, second) = self.0.split_at(LETTERS / 2);
        [first, b"-", second].concat().into_iter().map(char::from).collect()
    }

    fn malformed() -> Flaw {
        Flaw::new("malformed", "a code has eight letters like WDJB-MJHT, no vowels and no digits")
    }
}

/// Takes the same time for every wrong code.
impl PartialEq for LinkCode {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

fn letter(typed: char) -> Option<u8> {
    let ascii = match typed {
        // Full-width letters, as East Asian keyboards type them.
        '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => u32::from(typed) - 0xfee0,
        _ => u32::from(typed),
    };
    let upper = u8::try_from(ascii).ok()?.to_ascii_uppercase();
    ALPHABET.contains(&upper).then_some(upper)
}

/// Proof that the caller has read the email with a link.
pub enum LinkProof {
    /// The token after the `#` of the link.
    Token(String),
    /// The code, and the address that the email was sent to.
    Code {
        /// The address.
        email: EmailAddress,
        /// The code.
        code: LinkCode,
    },
}

impl LinkKey {
    /// Derives the code of a link: letters drawn from HMAC-SHA-256(`LINK_KEY`, purpose ‖ id ‖ n) for
    /// n = 0, 1, … Bytes above the largest multiple of 20 are skipped, so every code is equally
    /// likely.
    #[must_use]
    pub fn code(&self, purpose: Purpose, id: LinkId) -> LinkCode {
        let context = format!("keyward/link-code/v1/{}/", purpose.as_str());
        let block = |n: u8| self.0.derive(&[context.as_bytes(), id.0.as_bytes(), &[n]].concat());
        let mut code = [0; LETTERS];
        let letters = (0..=u8::MAX).flat_map(block).filter_map(drawn);
        for (place, letter) in code.iter_mut().zip(letters) {
            *place = letter;
        }
        LinkCode(code)
    }
}

/// The letter of a random byte; `None` for one of the bytes that would make some letters likelier.
fn drawn(byte: u8) -> Option<u8> {
    let most = u8::MAX - u8::MAX % 20;
    let nth = usize::from(byte) % ALPHABET.len();
    (byte < most).then(|| ALPHABET[nth])
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use secrecy::SecretBox;
    use uuid::Uuid;

    use super::*;
    use crate::domain::DerivationKey;

    fn key(byte: u8) -> LinkKey {
        LinkKey(DerivationKey::new(SecretBox::new(vec![byte; 32].into_boxed_slice())))
    }

    fn parsed(typed: &str) -> String {
        LinkCode::parse(typed).unwrap_or_else(|flaw| panic!("{typed:?}: {flaw:?}")).expose()
    }

    #[test]
    fn every_attempt_derives_the_same_code() {
        let id = LinkId(Uuid::from_u128(7));
        let code = key(1).code(Purpose::ResetPassword, id).expose();
        assert_eq!(key(1).code(Purpose::ResetPassword, id).expose(), code);
        assert_ne!(key(1).code(Purpose::VerifyEmail, id).expose(), code);
        assert_ne!(key(2).code(Purpose::ResetPassword, id).expose(), code);
        assert_ne!(key(1).code(Purpose::ResetPassword, LinkId::new()).expose(), code);
    }

    #[test]
    fn every_letter_has_the_same_number_of_bytes() {
        let mut bytes = HashMap::new();
        for letter in (0..=u8::MAX).filter_map(drawn) {
            *bytes.entry(letter).or_insert(0) += 1;
        }
        assert_eq!(bytes.len(), 20);
        assert!(bytes.values().all(|count| *count == 12), "{bytes:?}");
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in [
            "WDJB-MJHT",
            "wdjbmjht",
            " wdjb mjht\n",
            "WDJB\u{2010}MJHT",
            "WDJB \u{2014} MJHT",
            "\u{feff}WDJB\u{2212}MJHT.",
            "w d j b m j h t",
            "\u{ff37}\u{ff24}\u{ff2a}\u{ff22}\u{ff0d}\u{ff4d}\u{ff4a}\u{ff48}\u{ff54}",
            "<WDJB_MJHT>",
        ] {
            assert_eq!(parsed(typed), "WDJB-MJHT", "{typed:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_refused() {
        for (typed, code) in [
            ("", "required"),
            (" - ", "required"),
            ("WDJB-MJH", "malformed"),
            ("WDJB-MJHTT", "malformed"),
            ("WDJA-MJHT", "malformed"),
            ("WDJ8-MJHT", "malformed"),
            ("\u{412}DJB-MJHT", "malformed"),
            (&"-".repeat(41), "malformed"),
        ] {
            assert_eq!(LinkCode::parse(typed).err().unwrap().code, code, "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn a_derived_code_is_read_back(id in any::<u128>(), gaps in "[ -]{0,3}") {
            let code = key(1).code(Purpose::VerifyEmail, LinkId(Uuid::from_u128(id)));
            let shown = code.expose();
            prop_assert_eq!(shown.len(), 9);
            for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', &gaps)] {
                prop_assert!(LinkCode::parse(&typed).unwrap() == code);
            }
        }

        #[test]
        fn no_text_panics_and_a_read_code_is_stable(typed in "\\PC{0,50}|[a-zA-Z -]{0,12}") {
            if let Ok(code) = LinkCode::parse(&typed) {
                prop_assert_eq!(parsed(&code.expose()), code.expose());
            }
        }

        #[test]
        fn one_changed_letter_is_another_code(at in 0_usize..8, to in 0_usize..20) {
            let code = key(1).code(Purpose::VerifyEmail, LinkId::new());
            let mut other = code.clone();
            other.0[at] = ALPHABET[to];
            prop_assert_eq!(other == code, other.0 == code.0);
        }
    }
}
