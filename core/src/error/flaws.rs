//! Flaws of the members of a request, collected so that all of them are reported at once.

use serde::Serialize;

use super::{Error, Refusal, Result};

/// What is wrong with a value. Does not contain the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// For programs: `snake_case`, never renamed.
    pub code: &'static str,
    /// For people: what is wrong.
    pub detail: String,
}

impl Flaw {
    /// A flaw with its code and description.
    #[must_use]
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// A [`Flaw`] of a member.
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
    /// Returns a valid value and collects a flaw, unless the member has one already: a missing member is
    /// not also malformed.
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

    /// The checked values, if there is no flaw.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with all flaws.
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

/// Values that [`Flaws::check`] has returned: one, or several in a tuple.
pub trait Checked {
    /// The values.
    type Good;

    /// The values, if all of them are valid.
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
