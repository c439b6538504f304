//! Names and passwords of operators.

use secrecy::SecretString;

use super::reader::Reader;

/// Minimum length of an operator's password. Machines generate these passwords, and guessing them is
/// not limited otherwise.
const MIN_PASSWORD_BYTES: usize = 16;

/// A name and its password.
#[derive(Debug)]
pub struct Credential {
    pub(super) name: String,
    pub(super) password: SecretString,
}

impl Reader<'_> {
    /// Comma-separated `name:password`; a password alone belongs to `default_name`.
    pub(super) fn credentials(&mut self, default_name: &str) -> Vec<Credential> {
        let text = self.own_secret().unwrap_or_default();
        let mut credentials = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, password) = item.split_once(':').unwrap_or((default_name, item));
            if password.len() < MIN_PASSWORD_BYTES {
                self.flaw(format_args!(
                    "the password of {name:?} is shorter than {MIN_PASSWORD_BYTES} bytes; \
                     run `openssl rand -base64 32`"
                ));
            }
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
            if name.is_empty() || !name.chars().all(is_plain) {
                self.flaw(format_args!("{name:?} must be letters, digits, -, _, . and @"));
            }
            credentials.push(Credential { name: name.to_owned(), password: password.into() });
        }
        credentials
    }
}
