//! How an attempt can fail.

use apalis::prelude::BoxDynError;

/// Why an attempt failed, and whether another one makes sense.
#[derive(Debug)]
pub(crate) enum JobError {
    /// It may work later.
    Retry(BoxDynError),
    /// It never will.
    GiveUp(BoxDynError),
    /// Nothing was tried, because others are before it: no attempt is counted.
    NotItsTurn,
}

impl JobError {
    pub(crate) fn retry(cause: impl Into<BoxDynError>) -> Self {
        Self::Retry(cause.into())
    }

    pub(crate) fn give_up(cause: impl Into<BoxDynError>) -> Self {
        Self::GiveUp(cause.into())
    }
}

/// A refusal is final, everything else may work later.
impl From<keyward_core::Error> for JobError {
    fn from(error: keyward_core::Error) -> Self {
        match error {
            keyward_core::Error::Refused(refusal) => Self::give_up(refusal),
            keyward_core::Error::Unavailable(cause) | keyward_core::Error::Fault(cause) => {
                Self::retry(format!("{cause:#}"))
            }
        }
    }
}
