//! Authentication for the operations listeners.

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret as _;

use super::{Credential, Operations, reader::Reader};

/// A person or program that has authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its name in the settings and in the audit log.
    pub name: String,
    /// Whether it may act, or only view.
    pub may_act: bool,
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
            if names[..nth].contains(name) {
                env.mistake(format!("OPS_OPERATORS and OPS_VIEWERS: {name:?} is used twice"));
            }
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
