//! Errors: THE catalogue of refusals, and faults.
//!
//! A *refusal* is an answer to a request that may not be carried out. It has a code that clients rely
//! on and a kind; only the API maps kinds to statuses. A *fault* is a defect of ours; its cause is for
//! the log and cannot be displayed. *Unavailable* is in between: a dependency is unavailable, and the
//! same request may succeed later.

mod flaws;

use std::time::Duration;

pub use flaws::{FieldFlaw, Flaw, Flaws, ParameterFlaw};

/// The result of commands and queries.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command or a query failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was refused; the client learns why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A dependency is unavailable. The cause is for the log only.
    #[error("a service this depends on is not available at the moment")]
    Unavailable(#[source] anyhow::Error),
    /// A defect. The cause is for the log only.
    #[error("something went wrong on our side")]
    Fault(#[source] anyhow::Error),
}

/// The kind of a refusal, which the API maps to a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// The client is not authenticated.
    Unauthenticated,
    /// The client is not authorized.
    Forbidden,
    /// The resource does not exist.
    NotFound,
    /// The request conflicts with the state of the resource.
    Conflict,
    /// The resource has changed since the client read it.
    Outdated,
    /// The request must name the version it is based on.
    Unconditional,
    /// Members of the request break rules.
    Invalid,
    /// The body is too large.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
    /// A rate limit is exhausted; retry after this long.
    Throttled(Duration),
    /// No capacity at the moment; retry after this long.
    Busy(Duration),
}

/// The rate limit that refuses a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExhaustedLimit {
    /// Its name, as in header `RateLimit-Policy`.
    pub name: &'static str,
    /// Time until one more request may pass.
    pub retry_after: Duration,
}

macro_rules! refusals {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident $(($item:ident: $type:ty))? = $code:literal $kind:expr, $text:literal;
    )+) => {
        /// The refusals. Codes are contract: added, never renamed.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub enum Refusal {$(
            $(#[doc = $doc])+
            #[error($text)]
            $name $(($type))?,
        )+}

        impl Refusal {
            /// The code on the wire and the kind.
            #[must_use]
            pub const fn contract(&self) -> (&'static str, Kind) {
                match self {$(
                    Self::$name $(($item))? => {
                        $(let _ = $item;)?
                        ($code, $kind)
                    }
                )+}
            }
        }
    };
}

refusals! {
    /// Members of the request break rules: all of them, not the first.
    Invalid(flaws: Vec<FieldFlaw>) =
        "invalid" Kind::Invalid, "some members of the request are not acceptable";
    /// The current password of a logged-in user is wrong.
    WrongPassword = "wrong_password" Kind::Forbidden, "the current password is wrong";
    /// The user has no such session.
    SessionNotFound = "session_not_found" Kind::NotFound, "you have no such session";
    /// The address is unknown, the password wrong or the account disabled: one answer for all.
    BadCredentials =
        "bad_credentials" Kind::Unauthenticated, "the email address or the password is wrong";
    /// The password was right, but the address is not confirmed yet.
    EmailUnverified = "email_unverified" Kind::Forbidden,
        "confirm your email address first; we have sent you a link";
    /// Another account has this address (`REGISTRATION_DISCLOSURE=conflict` only).
    EmailTaken = "email_taken" Kind::Conflict, "this email address already has an account";
    /// The link or the code is unknown, used or expired, or the tries of the code are used up: one answer
    /// for all.
    LinkInvalid = "link_invalid" Kind::Malformed,
        "this link or code is invalid, used or expired";
    /// The token of the link is cut off, or too much was copied.
    LinkIncomplete = "link_invalid" Kind::Malformed,
        "this link is not complete; its token has 64 letters, digits, hyphens and underscores";
    /// The account has no valid password, for example because its address was registered more than once
    /// with different ones: confirming the address sets one.
    PasswordRequired = "password_required" Kind::Invalid,
        "this account has no valid password; send a new one with the token";
    /// The session has ended, or the refresh token is not its current one.
    SessionEnded =
        "session_ended" Kind::Unauthenticated, "this session has ended; log in again";
    /// The request has no access token.
    TokenMissing = "token_missing" Kind::Unauthenticated, "an access token is needed";
    /// The access token is expired, forged or not one of ours.
    TokenInvalid = "token_invalid" Kind::Unauthenticated, "the access token is not valid";
    /// Only administrators may do this.
    Forbidden = "forbidden" Kind::Forbidden, "only administrators may do this";
    /// A service token may not do this: it lacks the scope, or no scope allows it.
    ScopeMissing(scope: Option<&'static str>) =
        "scope_missing" Kind::Forbidden, "the scopes of this token do not allow this";
    /// The service token does not exist, or was revoked.
    ServiceTokenNotFound = "service_token_not_found" Kind::NotFound, "there is no such service token";
    /// The change would remove the last active administrator.
    LastAdmin = "last_admin" Kind::Conflict,
        "this is the last active administrator; make another account an administrator first";
    /// The account has changed since the client read it.
    VersionMismatch = "version_mismatch" Kind::Outdated,
        "the account has changed since you read it; read it again";
    /// The change must name the version it is based on.
    IfMatchRequired = "if_match_required" Kind::Unconditional,
        "send the account's ETag as If-Match, so that you do not overwrite another change";
    /// The idempotency key belongs to another request.
    IdempotencyKeyReused = "idempotency_key_reused" Kind::Invalid,
        "this Idempotency-Key was used for another request";
    /// A request with this idempotency key is being processed.
    IdempotencyInProgress = "idempotency_in_progress" Kind::Conflict,
        "a request with this Idempotency-Key is in progress; try again in a moment";
    /// The account's address is not confirmed.
    UserUnverified =
        "user_unverified" Kind::Conflict, "the address of this account is not confirmed yet";
    /// The account is disabled.
    UserDisabled = "user_disabled" Kind::Conflict, "this account is disabled; enable it first";
    /// The account does not exist.
    UserNotFound = "user_not_found" Kind::NotFound, "there is no such account";
    /// The account has no such email.
    MailNotFound = "mail_not_found" Kind::NotFound, "this account has no such email";
    /// The operator has not set the key of this email provider.
    ProviderNotFound = "provider_not_found" Kind::NotFound,
        "reports of this provider are not taken here";
    /// The signature of a provider's report is wrong or too old.
    SignatureInvalid = "signature_invalid" Kind::Forbidden,
        "the signature of this report is not valid";
    /// The link of the email was used, replaced or has expired, or its address is no longer known.
    MailObsolete = "mail_obsolete" Kind::Conflict,
        "this email is no longer due; request a new one instead";
    /// The invitation does not exist or is no longer open.
    InvitationNotFound = "invitation_not_found" Kind::NotFound, "there is no such invitation";
    /// Parameters of the request break rules: all of them, not the first.
    ParameterInvalid(flaws: Vec<ParameterFlaw>) = "parameter_invalid" Kind::Malformed,
        "some parameters of the request are not acceptable";
    /// Events after the cursor have been deleted, so the list would have a gap.
    CursorExpired = "cursor_expired" Kind::Malformed,
        "events after this cursor are no longer kept; start again without a cursor";
    /// The webhook does not exist.
    WebhookNotFound = "webhook_not_found" Kind::NotFound, "there is no such webhook";
    /// The webhook has no such delivery.
    DeliveryNotFound =
        "delivery_not_found" Kind::NotFound, "this webhook has no such delivery";
    /// The webhook is disabled.
    WebhookDisabled =
        "webhook_disabled" Kind::Conflict, "this webhook is disabled; enable it first";
    /// The avatar does not exist.
    AvatarNotFound = "avatar_not_found" Kind::NotFound, "there is no such avatar";
    /// A rate limit is exhausted: see [`crate::infra::limits`].
    Throttled(limit: ExhaustedLimit) =
        "throttled" Kind::Throttled(limit.retry_after), "too many requests; try again later";
    /// The upload does not exist.
    UploadNotFound = "upload_not_found" Kind::NotFound, "there is no such upload";
    /// The uploaded file is recognisably not an accepted image.
    NotAPicture = "not_a_picture" Kind::Invalid, "this is not a JPEG, PNG or WebP image";
    /// The upload is too large (`AVATAR_MAX_BYTES`).
    UploadTooLarge(max_bytes: usize) =
        "too_large" Kind::TooLarge, "an image has at most {0} bytes";
    /// The upload did not arrive in time (`HTTP_TIMEOUT_S`).
    UploadTooSlow = "too_slow" Kind::TooSlow, "the body did not arrive in time";
    /// The upload ends in the middle.
    UploadBroken = "malformed" Kind::Malformed, "the body could not be read";
    /// The uploaded form is anything but one file.
    FormUnfit = "unknown_member" Kind::Invalid, "the form must have one field, `file`";
    /// Too many passwords are being hashed, or too many files uploaded; retry after this long.
    Busy(retry_after: Duration) =
        "busy" Kind::Busy(*retry_after), "the server is busy; try again in a moment";
}

impl Refusal {
    /// One malformed parameter, as a refusal.
    #[must_use]
    pub fn parameter(name: &str, detail: &str) -> Self {
        let flaw = Flaw::new("malformed", detail);
        ParameterFlaw { parameter: name.into(), flaw }.into()
    }

    /// One flaw of one member, as a refusal.
    #[must_use]
    pub fn invalid(pointer: &'static str, flaw: Flaw) -> Self {
        Self::Invalid(vec![FieldFlaw { pointer: pointer.into(), flaw }])
    }
}

impl From<ParameterFlaw> for Refusal {
    fn from(flaw: ParameterFlaw) -> Self {
        Self::ParameterInvalid(vec![flaw])
    }
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Self::Fault(cause)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if is_outage(&error) { Self::Unavailable(error.into()) } else { Self::Fault(error.into()) }
    }
}

/// Whether Postgres is unreachable or asks for a retry, rather than refused a statement.
fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        // Connection exceptions, out of resources, operator intervention (shutdown, recovery),
        // serialization failures and deadlocks, a server that has become read-only, and cancellations.
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
    fn display_of_a_fault_hides_its_cause() {
        let fault = Error::from(anyhow::anyhow!("select secret from /etc/passwd"));
        assert_eq!(fault.to_string(), "something went wrong on our side");
    }

    #[test]
    fn unavailable_database_is_not_a_defect() {
        assert!(matches!(Error::from(sqlx::Error::PoolTimedOut), Error::Unavailable(_)));
        assert!(matches!(Error::from(sqlx::Error::RowNotFound), Error::Fault(_)));
    }
}
