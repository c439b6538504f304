//! Who sends to whom.

use anyhow::ensure;

/// Sender and recipient of an email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mail) struct Envelope {
    pub(super) from: String,
    pub(super) to: String,
}

impl Envelope {
    /// Fails if an address could end a command or begin another.
    pub(in crate::mail) fn new(from: &str, to: &str) -> anyhow::Result<Self> {
        for address in [from, to] {
            let is_safe = |c: char| !(c.is_control() || c.is_whitespace() || "<>".contains(c));
            let is_one = address.contains('@') && address.chars().all(is_safe);
            ensure!(is_one, "the address is not valid for email");
        }
        Ok(Self { from: from.to_owned(), to: to.to_owned() })
    }
}
