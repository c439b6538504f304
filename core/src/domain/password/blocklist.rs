//! Passwords to refuse besides those that zxcvbn knows (OWASP ASVS 5.0, 6.2.4 and 6.2.12).

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{self, Read},
    sync::Arc,
};

use super::{Password, strength::fold};

/// The passwords of Django 5.2.19's list that have at least 8 characters and that zxcvbn, which knows
/// 30,000 others, does not refuse. `common_passwords.license.txt` has the licences of both.
const COMMON: &str = include_str!("common_passwords.txt");

/// A list of passwords to refuse. Cheap to clone.
///
/// Kept as sorted hashes of 64 bits: 8 bytes for each entry, and with 1.6 million entries one password
/// in 10¹³ is refused by accident.
#[derive(Clone)]
pub struct Blocklist(Arc<[u64]>);

impl fmt::Debug for Blocklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocklist").field("len", &self.0.len()).finish()
    }
}

impl Blocklist {
    /// Maximum size of a list in bytes, enough for 1.6 million passwords.
    pub const MAX_BYTES: u64 = 16 * 1024 * 1024;
    /// Shorter entries would refuse too many passwords.
    const MIN_CHARS: usize = 4;

    /// Reads a list, in addition to the embedded one: UTF-8, one password per line. Lines that are not
    /// UTF-8 are skipped.
    ///
    /// # Errors
    ///
    /// If the list cannot be read or is larger than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn read(list: impl Read) -> io::Result<Self> {
        let mut text = Vec::new();
        let size = list.take(Self::MAX_BYTES + 1).read_to_end(&mut text)? as u64;
        if size > Self::MAX_BYTES {
            let limit = format!("has more than {} bytes", Self::MAX_BYTES);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, limit));
        }
        let lines = text.split(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok());
        let mut hashes: Vec<u64> = COMMON.lines().chain(lines).filter_map(hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        Ok(Self(hashes.into()))
    }

    /// Whether a password is an entry. Case, accents, separators and digits at the end make no
    /// difference.
    pub(super) fn contains(&self, text: &str) -> bool {
        hash(text).is_some_and(|hash| self.0.binary_search(&hash).is_ok())
    }
}

/// The hash of what spellings of a password have in common.
fn hash(text: &str) -> Option<u64> {
    let words: String = fold(text).chars().filter(|c| c.is_alphanumeric()).collect();
    let stem = words.trim_end_matches(|c: char| c.is_numeric());
    let is_long = |text: &&str| text.chars().nth(Blocklist::MIN_CHARS - 1).is_some();
    let key = Some(stem).filter(is_long).or_else(|| Some(&*words).filter(is_long))?;
    let mut hasher = DefaultHasher::new();
    key.chars().take(Password::MAX_CHARS).for_each(|c| c.hash(&mut hasher));
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_in_every_spelling() {
        let list = Blocklist::read(&b"OpenSesame\r\n\xff\xfe\nabc\n1234 5678\n"[..]).unwrap();
        for listed in ["opensesame", "Open-Sésame 2024!", "1234-5678", "Kartoffelpuffer"] {
            assert!(list.contains(listed), "{listed}");
        }
        for other in ["abc", "sesame", "an open sesame", ""] {
            assert!(!list.contains(other), "{other}");
        }
    }

    #[test]
    fn endless_list_is_refused_before_memory_runs_out() {
        let endless = io::BufReader::new(io::repeat(b'x'));
        let error = Blocklist::read(endless).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
