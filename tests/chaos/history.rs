//! Requests and answers of the clients: what must be true at the end.

use std::time::Duration;

use uuid::Uuid;

/// A request and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) what: &'static str,
    /// None without an answer.
    pub(crate) status: Option<u16>,
    /// Its documented statuses.
    pub(crate) documented: &'static [u16],
    pub(crate) says_when_to_retry: bool,
    pub(crate) took: Duration,
    pub(crate) detail: String,
}

/// The owner of an account, as the client knows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) email: String,
    /// The name that was confirmed last.
    pub(crate) name: String,
    /// Names requested since, without an answer.
    pub(crate) perhaps: Vec<String>,
    /// Sessions whose end was confirmed.
    pub(crate) ended: Vec<Uuid>,
    pub(crate) is_verified: bool,
}

/// Old state that a client was shown, and how long after the answer to the change it was still shown.
#[derive(Debug, Clone)]
pub(crate) struct Stale {
    pub(crate) what: String,
    pub(crate) lasted: Duration,
}

/// Everything that happened to the clients.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) calls: Vec<Call>,
    /// Accounts whose registration was confirmed.
    pub(crate) people: Vec<Person>,
    /// Old state that a client was shown after a change was confirmed.
    pub(crate) stale: Vec<Stale>,
    /// Secrets in use.
    pub(crate) secrets: Vec<String>,
}

impl History {
    pub(crate) fn add(&mut self, other: Self) {
        self.calls.extend(other.calls);
        self.people.extend(other.people);
        self.stale.extend(other.stale);
        self.secrets.extend(other.secrets);
    }
}
