//! Lists of common passwords, kept small (OWASP ASVS 5.0, 6.2.4 and 6.2.12).

use std::{
    borrow::Cow,
    fmt,
    io::{self, BufRead},
    sync::{Arc, LazyLock},
};

use fst::raw::{Builder, Fst};

use super::fold::Symbols;

/// A list of passwords that attackers try first. Cheap to clone.
///
/// Kept as a finite state transducer: half the size of the text, and all entries that a text
/// begins with are found in one walk. Entries are folded as the passwords are that are looked up,
/// so that `P4$$word` is found where the list says `password`.
#[derive(Clone)]
pub struct Blocklist {
    entries: Arc<Fst<Cow<'static, [u8]>>>,
    /// What one of its entries is worth: the logarithm of how many there are.
    pub(super) bits: u32,
}

impl fmt::Debug for Blocklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocklist").field("len", &self.entries.len()).finish_non_exhaustive()
    }
}

/// See [`Blocklist::common`].
static COMMON: LazyLock<Blocklist> = LazyLock::new(|| {
    let bytes: &'static [u8] = include_bytes!("common_passwords.fst");
    #[expect(
        clippy::expect_used,
        reason = "made by our own tool; every test of passwords reads it"
    )]
    let entries = Fst::new(Cow::Borrowed(bytes)).expect("the embedded list can be read");
    Blocklist::new(entries)
});

impl Blocklist {
    /// Largest list in bytes: 1.6 million passwords. Reading so many takes one core some four
    /// seconds and 75 MB; kept are 15 MB.
    pub const MAX_BYTES: u64 = 16 * 1024 * 1024;
    /// Shorter entries are no evidence of anything: they are in every other word.
    const MIN_CHARS: usize = 4;

    /// The list that is built in, in 187 KB: the 20,000 passwords of Django 5.2.19 (BSD-3-Clause)
    /// and the 30,000 of zxcvbn, as in its Rust port 3.1.1 (MIT), 40,101 different ones, fewer when
    /// folded; their licences are in `common_passwords.license.txt`. It is made by
    /// `cargo run -p keyward-core --example common_passwords`.
    #[must_use]
    pub fn common() -> Self {
        COMMON.clone()
    }

    /// Reads a list: one password per line, in UTF-8; lines that are not are left out.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or has more than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn read(list: impl BufRead) -> io::Result<Self> {
        // Also bounds a line that does not end.
        let mut list = list.take(Self::MAX_BYTES + 1);
        // One text and the ends in it: millions of strings would cost several times as much.
        let (mut text, mut ends) = (String::new(), vec![0_u32]);
        let mut line = Vec::new();
        while list.read_until(b'\n', &mut line)? > 0 {
            if list.limit() == 0 {
                let limit = format!("has more than {} bytes", Self::MAX_BYTES);
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, limit));
            }
            let entry =
                std::str::from_utf8(&line).unwrap_or_default().trim_end_matches(['\r', '\n']);
            let folded = Symbols::of(entry).folded();
            if (Self::MIN_CHARS..=super::Password::MAX_CHARS).contains(&folded.chars().count()) {
                text += &folded;
                ends.push(u32::try_from(text.len()).map_err(io::Error::other)?);
            }
            line.clear();
        }
        let mut entries: Vec<&str> =
            ends.windows(2).map(|ends| &text[ends[0] as usize..ends[1] as usize]).collect();
        entries.sort_unstable();
        entries.dedup();
        let mut builder = Builder::memory();
        for entry in entries {
            builder.add(entry).map_err(io::Error::other)?;
        }
        let fst =
            builder.into_fst().map_data(Cow::<'static, [u8]>::Owned).map_err(io::Error::other)?;
        Ok(Self::new(fst))
    }

    /// The list as [`common`](Self::common) embeds it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.entries.as_bytes()
    }

    fn new(entries: Fst<Cow<'static, [u8]>>) -> Self {
        let bits = entries.len().max(1).ilog2().clamp(15, 24);
        Self { entries: Arc::new(entries), bits }
    }

    /// How many characters the entries have with which a folded text begins.
    pub(super) fn beginnings(&self, folded: &[char]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut node = self.entries.root();
        let mut utf8 = [0; 4];
        for (nth, letter) in folded.iter().enumerate() {
            for byte in letter.encode_utf8(&mut utf8).bytes() {
                let Some(at) = node.find_input(byte) else { return found };
                node = self.entries.node(node.transition_addr(at));
            }
            if node.is_final() {
                found.push(nth + 1);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beginnings(list: &Blocklist, text: &str) -> Vec<usize> {
        list.beginnings(&text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn entries_are_found_at_the_beginning_of_a_text_and_nowhere_else() {
        let list = Blocklist::read(&b"open\r\nOpenSesame\n\xff\xfe\nabc\nsesame"[..]).unwrap();
        assert_eq!(beginnings(&list, "opensesame street"), [4, 10]);
        assert_eq!(beginnings(&list, "anopen"), [0; 0]);
        assert_eq!(beginnings(&list, "abcd"), [0; 0], "three characters are no entry");
        assert_eq!(list.entries.len(), 3);
    }

    #[test]
    fn an_endless_list_is_refused_before_memory_runs_out() {
        let endless = io::BufReader::new(io::repeat(b'x'));
        let error = Blocklist::read(endless).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn the_embedded_list_is_whole() {
        assert!(COMMON.entries.verify().is_ok());
        assert!((30_000..40_102).contains(&COMMON.entries.len()), "{COMMON:?}");
        assert_eq!(COMMON.bits, 15);
    }
}
