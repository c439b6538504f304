//! The versions from which a change may start.

use crate::Refusal;

/// The versions of an account from which a change may start (RFC 9110, section 13.1.1), so that a
/// client does not overwrite a change that it has not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionMatch {
    /// Any version.
    Any,
    /// One of these.
    OneOf(Vec<i64>),
}

impl VersionMatch {
    /// Checks the current version.
    ///
    /// # Errors
    ///
    /// [`Refusal::VersionMismatch`] if it is another one.
    pub fn check(&self, version: i64) -> Result<(), Refusal> {
        match self {
            Self::OneOf(versions) if !versions.contains(&version) => Err(Refusal::VersionMismatch),
            _ => Ok(()),
        }
    }
}
