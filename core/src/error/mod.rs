//! What can go wrong: THE catalogue of refusals, and faults.
//!
//! A *refusal* is an answer: somebody asked for something that may not be. It has a code that
//! clients rely on and a kind; only the API knows which status belongs to a kind. A *fault* is
//! ours; its cause is for the log and cannot be shown by accident. *Unavailable* lies between:
//! something we depend on is away, and the same request may work in a moment.

mod flaws;

use std::time::Duration;

pub use flaws::{Checked, FieldFlaw, Flaw, Flaws};

/// What every command and query returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command or a query did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It may not be; the caller is told why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something we depend on is away. The cause is for the log only.
    #[error("a service this depends on is not available at the moment")]
    Unavailable(#[source] anyhow::Error),
    /// A defect. The cause is for the log only.
    #[error("something went wrong on our side")]
    Fault(#[source] anyhow::Error),
}

/// What kind of answer a refusal is. The API turns it into a status, nobody else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request can never be read.
    Malformed,
    /// We do not know who asks.
    Unauthenticated,
    /// We know, and they may not.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// It contradicts what is there.
    Conflict,
    /// What it starts from is no longer so.
    Outdated,
    /// It must say what it starts from.
    Unconditional,
    /// It was read, and some members break a rule.
    Invalid,
    /// It has more bytes than it may have.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// They ask too often; try again after this long.
    Throttled(Duration),
    /// There is no capacity at the moment; try again after this long.
    Busy(Duration),
}

/// The refusals there are. Codes are contract: added, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Members of the request break rules: all of them, not the first.
    #[error("some members of the request are not acceptable")]
    Invalid(Vec<FieldFlaw>),
    /// Whoever is logged in does not know the password of the account.
    #[error("the current password is wrong")]
    WrongPassword,
    /// There is no such session of whoever asks.
    #[error("you have no such session")]
    SessionNotFound,
    /// The address is unknown, the password wrong or the account disabled: one answer for all.
    #[error("the email address or the password is wrong")]
    BadCredentials,
    /// The password was right, but the address is not proven yet.
    #[error("confirm your email address first; we have sent you a link")]
    EmailUnverified,
    /// Another account has this address (`REGISTRATION_DISCLOSURE=conflict` only).
    #[error("this email address already has an account")]
    EmailTaken,
    /// The link is unknown, used or expired: one answer for all.
    #[error("this link has been used already or is too old")]
    LinkInvalid,
    /// The session has ended, or the refresh token is not its current one.
    #[error("this session has ended; log in again")]
    SessionEnded,
    /// No access token came with the request.
    #[error("an access token is needed")]
    TokenMissing,
    /// The access token is expired, forged or not one of ours.
    #[error("the access token is not valid")]
    TokenInvalid,
    /// Only administrators may.
    #[error("only administrators may do this")]
    Forbidden,
    /// Nobody would be left who can administer.
    #[error("this is the last active administrator; make somebody else one first")]
    LastAdmin,
    /// The account has changed since it was looked at.
    #[error("the account has changed since you looked at it; look again")]
    VersionMismatch,
    /// The change must name the version it starts from.
    #[error("send the account's ETag as If-Match, so that nobody's change is undone unseen")]
    IfMatchRequired,
    /// The account's address is not proven.
    #[error("the address of this account is not confirmed yet")]
    UserUnverified,
    /// The account is disabled.
    #[error("this account is disabled; enable it first")]
    UserDisabled,
    /// There is no such account.
    #[error("there is no such account")]
    UserNotFound,
    /// There is no such invitation, or it is open no more.
    #[error("there is no such invitation")]
    InvitationNotFound,
    /// `limit`, the cursor or a filter of a list is none that can be.
    #[error("{0}")]
    PageInvalid(&'static str),
    /// What a cursor of the event log would lead to is gone: there would be a gap.
    #[error("events after this cursor are no longer kept; begin anew without one")]
    CursorExpired,
    /// There is no such endpoint.
    #[error("there is no such webhook")]
    WebhookNotFound,
    /// There is no such delivery to this endpoint.
    #[error("this webhook has no such delivery")]
    DeliveryNotFound,
    /// Nothing is sent to an endpoint that is disabled.
    #[error("this webhook is disabled; enable it first")]
    WebhookDisabled,
    /// There is no such picture.
    #[error("there is no such picture")]
    AvatarNotFound,
    /// A limit has been reached: see [`crate::infra::limits`].
    #[error("too many requests; try again later")]
    Throttled {
        /// How long to wait before trying again.
        retry_after: Duration,
    },
    /// There is no such upload.
    #[error("there is no such upload")]
    UploadNotFound,
    /// What was uploaded is recognisably nothing we take.
    #[error("this is not a JPEG, PNG or WebP picture")]
    NotAPicture,
    /// What is being uploaded has more bytes than it may have (`AVATAR_MAX_BYTES`).
    #[error("a picture has at most {max_bytes} bytes")]
    UploadTooLarge {
        /// The limit.
        max_bytes: usize,
    },
    /// What is being uploaded did not come in time (`HTTP_TIMEOUT_S`).
    #[error("the body did not come in time")]
    UploadTooSlow,
    /// What is being uploaded ends in the middle.
    #[error("the body could not be read")]
    UploadBroken,
    /// What is being uploaded is a form with something else in it than one file.
    #[error("the form must have one field, `file`")]
    FormUnfit,
    /// Too many passwords are being hashed, or too many files uploaded, already.
    #[error("the server is busy; try again in a moment")]
    Busy {
        /// How long to wait before trying again.
        retry_after: Duration,
    },
}

impl Refusal {
    /// The code on the wire and its kind.
    #[must_use]
    pub const fn contract(&self) -> (&'static str, Kind) {
        match self {
            Self::Invalid(_) => ("invalid", Kind::Invalid),
            Self::WrongPassword => ("wrong_password", Kind::Forbidden),
            Self::SessionNotFound => ("session_not_found", Kind::NotFound),
            Self::BadCredentials => ("bad_credentials", Kind::Unauthenticated),
            Self::EmailUnverified => ("email_unverified", Kind::Forbidden),
            Self::EmailTaken => ("email_taken", Kind::Conflict),
            Self::LinkInvalid => ("link_invalid", Kind::Malformed),
            Self::SessionEnded => ("session_ended", Kind::Unauthenticated),
            Self::TokenMissing => ("token_missing", Kind::Unauthenticated),
            Self::TokenInvalid => ("token_invalid", Kind::Unauthenticated),
            Self::Forbidden => ("forbidden", Kind::Forbidden),
            Self::LastAdmin => ("last_admin", Kind::Conflict),
            Self::VersionMismatch => ("version_mismatch", Kind::Outdated),
            Self::IfMatchRequired => ("if_match_required", Kind::Unconditional),
            Self::UserUnverified => ("user_unverified", Kind::Conflict),
            Self::UserDisabled => ("user_disabled", Kind::Conflict),
            Self::UserNotFound => ("user_not_found", Kind::NotFound),
            Self::InvitationNotFound => ("invitation_not_found", Kind::NotFound),
            Self::PageInvalid(_) => ("page_invalid", Kind::Malformed),
            Self::CursorExpired => ("cursor_expired", Kind::Malformed),
            Self::WebhookNotFound => ("webhook_not_found", Kind::NotFound),
            Self::DeliveryNotFound => ("delivery_not_found", Kind::NotFound),
            Self::WebhookDisabled => ("webhook_disabled", Kind::Conflict),
            Self::AvatarNotFound => ("avatar_not_found", Kind::NotFound),
            Self::Throttled { retry_after } => ("throttled", Kind::Throttled(*retry_after)),
            Self::UploadNotFound => ("upload_not_found", Kind::NotFound),
            Self::NotAPicture => ("not_a_picture", Kind::Invalid),
            Self::UploadTooLarge { .. } => ("too_large", Kind::TooLarge),
            Self::UploadTooSlow => ("too_slow", Kind::TooSlow),
            Self::UploadBroken => ("malformed", Kind::Malformed),
            Self::FormUnfit => ("unknown_member", Kind::Invalid),
            Self::Busy { retry_after } => ("busy", Kind::Busy(*retry_after)),
        }
    }

    /// One flaw of one member, as a refusal.
    #[must_use]
    pub fn invalid(pointer: &'static str, flaw: Flaw) -> Self {
        Self::Invalid(vec![FieldFlaw { pointer: pointer.into(), flaw }])
    }
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Self::Fault(cause)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if is_away(&error) { Self::Unavailable(error.into()) } else { Self::Fault(error.into()) }
    }
}

/// Whether Postgres could not be reached or asked us to come back, rather than refused a statement.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        // Connection exceptions, out of resources, operator intervention (shutdown, recovery),
        // serialization failures and deadlocks, and a server that has turned read-only.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            ["08", "53", "57P"].iter().any(|class| code.starts_with(class))
                || ["40001", "40P01", "25006", "57014"].contains(&code.as_ref())
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_a_fault_holds_none_of_its_cause() {
        let fault = Error::from(anyhow::anyhow!("select secret from /etc/passwd"));
        assert_eq!(fault.to_string(), "something went wrong on our side");
    }

    #[test]
    fn a_database_that_is_away_is_no_defect() {
        assert!(matches!(Error::from(sqlx::Error::PoolTimedOut), Error::Unavailable(_)));
        assert!(matches!(Error::from(sqlx::Error::RowNotFound), Error::Fault(_)));
    }
}
