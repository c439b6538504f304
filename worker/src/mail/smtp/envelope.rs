//! Who sends to whom.

use anyhow::ensure;

/// Sender, recipient and return path of an email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mail) struct Envelope {
    pub(super) from: String,
    pub(super) to: String,
    /// Where it bounces to.
    pub(super) return_path: String,
}

impl Envelope {
    /// Fails if an address could end a command or begin another.
    pub(in crate::mail) fn new(from: &str, to: &str, return_path: &str) -> anyhow::Result<Self> {
        for address in [from, to, return_path] {
            let is_safe = |c: char| !(c.is_control() || c.is_whitespace() || "<>".contains(c));
            let is_one = address.contains('@') && address.chars().all(is_safe);
            ensure!(is_one, "the address is not valid for email");
        }
        let [from, to, return_path] = [from, to, return_path].map(str::to_owned);
        Ok(Self { from, to, return_path })
    }
}
