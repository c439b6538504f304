//! What can go wrong: THE catalogue of refusals, and faults.
//!
//! A *refusal* is an answer: somebody asked for something that may not be. It has a code that
//! clients rely on and a kind; only the API knows which status belongs to a kind. A *fault* is
//! ours; its cause is for the log and cannot be shown by accident. *Unavailable* lies between:
//! something we depend on is away, and the same request may work in a moment.

use std::time::Duration;

use serde::Serialize;

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
    /// It was read, and some members break a rule.
    Invalid,
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
    /// There is no such account.
    #[error("there is no such account")]
    UserNotFound,
    /// `limit` or `cursor` of a list is none that can be.
    #[error("{0}")]
    PageInvalid(&'static str),
    /// There is no such picture.
    #[error("there is no such picture")]
    AvatarNotFound,
    /// Too many passwords are being hashed already.
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
            Self::UserNotFound => ("user_not_found", Kind::NotFound),
            Self::PageInvalid(_) => ("page_invalid", Kind::Malformed),
            Self::AvatarNotFound => ("avatar_not_found", Kind::NotFound),
            Self::Busy { retry_after } => ("busy", Kind::Busy(*retry_after)),
        }
    }

    /// One flaw of one member, as a refusal.
    #[must_use]
    pub fn invalid(pointer: &'static str, flaw: Flaw) -> Self {
        Self::Invalid(vec![FieldFlaw { pointer: pointer.into(), flaw }])
    }
}

/// What is wrong with a value. Never repeats the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// For programs: `snake_case`, never renamed.
    pub code: &'static str,
    /// For people.
    pub detail: String,
}

impl Flaw {
    /// A flaw with its code and its plain words.
    #[must_use]
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// A [`Flaw`] and the member that has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFlaw {
    /// JSON Pointer (RFC 6901) to the member, for example `/email`.
    pub pointer: String,
    /// What is wrong with it.
    #[serde(flatten)]
    pub flaw: Flaw,
}

/// Collects the flaws of a request, so that all of them are reported at once.
///
/// ```
/// # use keyward_core::{domain::*, error::*};
/// # fn parse(email: &str, name: &str) -> Result<(EmailAddress, DisplayName), Refusal> {
/// let mut flaws = Flaws::default();
/// let email = flaws.check("/email", EmailAddress::parse(email));
/// let name = flaws.check("/display_name", DisplayName::parse(name));
/// let (email, name) = flaws.all((email, name))?;
/// # Ok((email, name))
/// # }
/// # assert!(matches!(parse("", ""), Err(Refusal::Invalid(flaws)) if flaws.len() == 2));
/// ```
#[derive(Debug, Default)]
pub struct Flaws(Vec<FieldFlaw>);

impl Flaws {
    /// Passes a good value on and writes a flaw down, unless its member has one already: what is
    /// missing need not also be called malformed.
    pub fn check<T>(&mut self, pointer: &'static str, value: Result<T, Flaw>) -> Option<T> {
        let is_known = self.0.iter().any(|field| field.pointer == pointer);
        value
            .map_err(|flaw| {
                if !is_known {
                    self.0.push(FieldFlaw { pointer: pointer.into(), flaw });
                }
            })
            .ok()
    }

    /// What was checked, if there is no flaw at all.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with every flaw there is.
    pub fn all<V: Checked>(self, values: V) -> Result<V::Good, Refusal> {
        match values.good() {
            Some(good) if self.0.is_empty() => Ok(good),
            _ => Err(self.into()),
        }
    }
}

impl From<Vec<FieldFlaw>> for Flaws {
    fn from(flaws: Vec<FieldFlaw>) -> Self {
        Self(flaws)
    }
}

/// Values that [`Flaws::check`] has passed on: one, or several in a tuple.
pub trait Checked {
    /// The values themselves.
    type Good;

    /// The values, if all of them are there.
    fn good(self) -> Option<Self::Good>;
}

impl<A> Checked for Option<A> {
    type Good = A;

    fn good(self) -> Option<A> {
        self
    }
}

impl<A, B> Checked for (Option<A>, Option<B>) {
    type Good = (A, B);

    fn good(self) -> Option<(A, B)> {
        self.0.zip(self.1)
    }
}

impl<A, B, C> Checked for (Option<A>, Option<B>, Option<C>) {
    type Good = (A, B, C);

    fn good(self) -> Option<(A, B, C)> {
        self.0.zip(self.1).zip(self.2).map(|((a, b), c)| (a, b, c))
    }
}

impl From<Flaws> for Refusal {
    fn from(flaws: Flaws) -> Self {
        Self::Invalid(flaws.0)
    }
}

impl From<Flaws> for Error {
    fn from(flaws: Flaws) -> Self {
        Self::Refused(flaws.into())
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
