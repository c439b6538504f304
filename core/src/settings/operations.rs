//! Who may look at the operations of Keyward, and who may act on them.

use std::fmt;

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};

use super::reader::Reader;

/// Shortest password of an operator, in bytes. They are made by machines, and there is no limit on
/// guessing them but this.
const MIN_PASSWORD_BYTES: usize = 16;

/// The people and programs that the operations listeners know.
#[derive(Debug)]
pub struct Operations {
    /// `OPS_OPERATORS`: those who may act, too: comma-separated `name:password`; a password alone
    /// belongs to `operator`.
    operators: Vec<Credential>,
    /// `OPS_VIEWERS`: those who may only look, among them whatever collects metrics: the same; a
    /// password alone belongs to `viewer`.
    viewers: Vec<Credential>,
}

struct Credential {
    name: String,
    password: SecretString,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:…", self.name)
    }
}

/// Somebody with a right password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// What the settings call them; stands in the audit of what they do.
    pub name: String,
    /// Whether they may act, or only look.
    pub may_act: bool,
}

impl Operations {
    pub(super) fn read(env: &mut Reader<'_>) -> Self {
        Self {
            operators: credentials(env, "OPS_OPERATORS", "operator"),
            viewers: credentials(env, "OPS_VIEWERS", "viewer"),
        }
    }

    /// A name that stands twice would be two people in one audit, or a viewer who can act.
    pub(super) fn cross_check(&self, env: &mut Reader<'_>) {
        let names: Vec<&str> = self.all().map(|(known, _)| known.name.as_str()).collect();
        for (nth, name) in names.iter().enumerate() {
            if names[..nth].contains(name) {
                env.mistake(format!("OPS_OPERATORS and OPS_VIEWERS: {name:?} stands there twice"));
            }
        }
    }

    /// Who it is, by the `Authorization` header of a request (RFC 7617, Basic). The comparison takes
    /// the same time whatever is wrong.
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

    fn all(&self) -> impl Iterator<Item = (&Credential, bool)> {
        let operators = self.operators.iter().map(|known| (known, true));
        operators.chain(self.viewers.iter().map(|known| (known, false)))
    }
}

fn credentials(env: &mut Reader<'_>, setting: &'static str, name: &str) -> Vec<Credential> {
    let text = env.own_secret(setting);
    let mut credentials = Vec::new();
    for item in text.expose_secret().split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let (name, password) = item.split_once(':').unwrap_or((name, item));
        if password.len() < MIN_PASSWORD_BYTES {
            env.mistake(format!(
                "{setting}: the password of {name:?} is shorter than {MIN_PASSWORD_BYTES} bytes; \
                 run `openssl rand -base64 32`"
            ));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
        if name.is_empty() || !name.chars().all(plain) {
            env.mistake(format!("{setting}: {name:?} is no name: letters, digits, -, _, . and @"));
        }
        credentials.push(Credential { name: name.to_owned(), password: password.into() });
    }
    credentials
}

fn sha256(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}
