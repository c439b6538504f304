//! What clients asked for and what they were answered: what must be true in the end.

use std::time::Duration;

use uuid::Uuid;

/// One request and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) what: &'static str,
    /// Nothing: nobody answered.
    pub(crate) status: Option<u16>,
    /// Statuses that the documentation promises for it.
    pub(crate) promised: &'static [u16],
    pub(crate) says_when_to_retry: bool,
    pub(crate) took: Duration,
    pub(crate) detail: String,
}

/// Somebody with an account, as the client knows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) email: String,
    /// The name that was confirmed last.
    pub(crate) name: String,
    /// Names that were asked for since, and nobody answered.
    pub(crate) perhaps: Vec<String>,
    /// Sessions whose end was confirmed.
    pub(crate) ended: Vec<Uuid>,
    pub(crate) is_verified: bool,
}

/// Everything that happened to the clients.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) calls: Vec<Call>,
    /// Whose registration was confirmed.
    pub(crate) people: Vec<Person>,
    /// What a client saw that must never be seen.
    pub(crate) broken: Vec<String>,
    /// Secrets that were in use.
    pub(crate) secrets: Vec<String>,
}

impl History {
    pub(crate) fn add(&mut self, other: Self) {
        self.calls.extend(other.calls);
        self.people.extend(other.people);
        self.broken.extend(other.broken);
        self.secrets.extend(other.secrets);
    }
}
