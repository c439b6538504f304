//! Names and passwords of operators, and authentication for the operations listeners.

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Operations, reader::Reader};

/// Minimum length of an operator's password. Machines generate these passwords, and guessing them is
/// not limited otherwise.
const MIN_PASSWORD_BYTES: usize = 16;

/// A name and its password.
#[derive(Debug)]
pub struct Credential {
    name: String,
    password: SecretString,
}

/// A person or program that has authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its name in the settings and in the audit log.
    pub name: String,
    /// Whether it may act, or only view.
    pub may_act: bool,
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

impl Operations {
    /// Authenticates by the `Authorization` header of a request (RFC 7617, Basic), in constant time.
    #[must_use]
    pub fn admit(&self, authorization: Option<&str>) -> Option<Operator> {
        let (scheme, encoded) = authorization?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let given = STANDARD.decode(encoded.trim()).ok()?;
        let given = sha256(&given);
        let mut found = None;
        for (known, may_act) in self.all() {
            let wanted = format!("{}:{}", known.name, known.password.expose_secret());
            if verify_slices_are_equal(given.as_ref(), sha256(wanted.as_bytes()).as_ref()).is_ok() {
                found = Some(Operator { name: known.name.clone(), may_act });
            }
        }
        found
    }

    /// A name used twice would merge two people in the audit log, or let a viewer act.
    pub(super) fn cross_check(&self, env: &mut Reader<'_>) {
        let names: Vec<&str> = self.all().map(|(known, _)| known.name.as_str()).collect();
        for (nth, name) in names.iter().enumerate() {
            let is_new = !names[..nth].contains(name);
            env.require(is_new, format!("OPS_OPERATORS and OPS_VIEWERS: {name:?} is used twice"));
        }
    }

    fn all(&self) -> impl Iterator<Item = (&Credential, bool)> {
        let operators = self.operators.iter().map(|known| (known, true));
        operators.chain(self.viewers.iter().map(|known| (known, false)))
    }
}

fn sha256(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}
