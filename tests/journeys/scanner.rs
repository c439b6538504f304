//! Searches dumps for secrets.

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};

/// Secrets, and the encodings in which a dump could contain them.
#[derive(Default)]
pub(crate) struct Scanner {
    /// Its name, and one encoding.
    spellings: Vec<(String, Vec<u8>)>,
}

impl Scanner {
    /// Adds a secret: as text, in hexadecimal (bytes in Postgres), in both variants of base64, and as
    /// the list of bytes that `{:?}` prints.
    pub(crate) fn secret(&mut self, what: &str, secret: impl AsRef<[u8]>) {
        let secret = secret.as_ref();
        assert!(secret.len() >= 12, "{what} is too short to be recognised");
        self.add(what, secret);
    }

    /// Adds a short code, with and without its hyphen. Its letters are unlikely to occur by chance.
    pub(crate) fn code(&mut self, what: &str, code: &str) {
        self.add(what, code.as_bytes());
        self.add(what, code.replace('-', "").as_bytes());
    }

    fn add(&mut self, what: &str, secret: &[u8]) {
        let hex = secret.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let list = format!("{secret:?}");
        let mut spellings = vec![
            secret.to_vec(),
            hex.into_bytes(),
            BASE64_STANDARD.encode(secret).trim_end_matches('=').into(),
            BASE64_URL_SAFE_NO_PAD.encode(secret).into(),
            list.trim_matches(['[', ']']).into(),
        ];
        spellings.sort();
        spellings.dedup();
        self.spellings.extend(spellings.into_iter().map(|spelling| (what.to_owned(), spelling)));
    }

    /// Adds a token: all of it, and its last, secret part.
    pub(crate) fn token(&mut self, what: &str, token: &str) {
        self.secret(what, token);
        self.secret(&format!("the end of {what}"), &token[token.len() - 24..]);
    }

    /// Adds a key in base64: its text and its bytes.
    pub(crate) fn key(&mut self, what: &str, key: &str) {
        self.secret(what, key.trim_end_matches('='));
        self.secret(what, BASE64_STANDARD.decode(key).unwrap());
    }

    /// The secrets in a dump, with their context.
    pub(crate) fn find(&self, place: &str, dump: &[u8]) -> Vec<String> {
        // One character per byte: searching text is much faster than searching windows.
        let dump = one_char_per_byte(dump);
        let mut found = Vec::new();
        for (what, spelling) in &self.spellings {
            if let Some((before, rest)) = dump.split_once(&one_char_per_byte(spelling)) {
                let before: String = before.chars().rev().take(160).collect();
                let before: String = before.chars().rev().collect();
                let rest: String = rest.chars().take(60).collect();
                found.push(format!("{what} in {place}: {before}[HERE]{rest}"));
            }
        }
        found
    }
}

fn one_char_per_byte(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[test]
fn the_scanner_finds_a_secret_in_every_encoding() {
    let mut scanner = Scanner::default();
    scanner.secret("the password", "canary-passphrase");
    scanner.token("the token", "public-part-of-it.0123456789abcdef0123456789abcdef");
    let key = BASE64_STANDARD.encode((0..32).collect::<Vec<u8>>());
    scanner.key("the key", &key);

    for planted in [
        r#"{"password": "canary-passphrase"}"#,
        "\\x63616e6172792d70617373706872617365",
        "Basic Y2FuYXJ5LXBhc3NwaHJhc2U=",
        "body: [99, 97, 110, 97, 114, 121, 45, 112, 97, 115, 115, 112, 104, 114, 97, 115, 101]",
        "only its end: 89abcdef0123456789abcdef",
        &key,
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    ] {
        let dump = format!("a lot of text before it {planted} and after it");
        assert!(!scanner.find("a dump", dump.as_bytes()).is_empty(), "{planted}");
    }
    assert_eq!(scanner.find("a dump", b"canary-passphras and nothing else"), [""; 0]);
}
