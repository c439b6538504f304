//! How an attempt can fail.

use apalis::prelude::BoxDynError;

/// Why an attempt failed, and whether another attempt can succeed.
#[derive(Debug)]
pub(crate) enum JobError {
    /// Another attempt can succeed.
    Retry(BoxDynError),
    /// No other attempt can succeed: the job is dead.
    Fatal(BoxDynError),
    /// Nothing was tried, because other jobs are before this one. No attempt is counted.
    Postpone,
}

impl JobError {
    pub(crate) fn retry(cause: impl Into<BoxDynError>) -> Self {
        Self::Retry(cause.into())
    }

    pub(crate) fn fatal(cause: impl Into<BoxDynError>) -> Self {
        Self::Fatal(cause.into())
    }
}

/// A refusal is final; another attempt can succeed after any other error.
impl From<keyward_core::Error> for JobError {
    fn from(error: keyward_core::Error) -> Self {
        match error {
            keyward_core::Error::Refused(refusal) => Self::fatal(refusal),
            keyward_core::Error::Unavailable(cause) | keyward_core::Error::Fault(cause) => {
                Self::retry(format!("{cause:#}"))
            }
        }
    }
}
