//! Flaws of the members of a request, collected so that all of them are reported at once.

use serde::Serialize;

use super::{Refusal, Result};

/// What is wrong with a value. Does not contain the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// For programs: `snake_case`, never renamed.
    pub code: &'static str,
    /// For people: what is wrong.
    pub detail: String,
    /// The values in the description by name, for translations of it. Not on the wire.
    #[serde(skip)]
    pub values: Vec<(&'static str, String)>,
}

impl Flaw {
    /// A flaw with its code and description.
    #[must_use]
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), values: Vec::new() }
    }

    /// The same flaw, with a value of its description.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
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
/// let (email, name) = flaws.all(email.zip(name))?;
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

    /// The checked value, or values that [`Option::zip`] has combined, if there is no flaw.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with all flaws.
    pub fn all<T>(self, values: Option<T>) -> Result<T, Refusal> {
        match values {
            Some(values) if self.0.is_empty() => Ok(values),
            _ => Err(Refusal::Invalid(self.0)),
        }
    }
}

impl From<Vec<FieldFlaw>> for Flaws {
    fn from(flaws: Vec<FieldFlaw>) -> Self {
        Self(flaws)
    }
}
