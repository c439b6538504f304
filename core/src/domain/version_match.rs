//! The version from which a change may start.

use crate::Refusal;

/// The versions of an account from which a change may start (RFC 9110, section 13.1.1): nobody
/// undoes by accident what he has not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionMatch {
    /// Whichever it is.
    Any,
    /// One of these.
    OneOf(Vec<i64>),
}

impl VersionMatch {
    /// Checks the present version.
    ///
    /// # Errors
    ///
    /// [`Refusal::VersionMismatch`] if the account has changed since.
    pub fn check(&self, version: i64) -> Result<(), Refusal> {
        match self {
            Self::OneOf(versions) if !versions.contains(&version) => Err(Refusal::VersionMismatch),
            _ => Ok(()),
        }
    }
}
