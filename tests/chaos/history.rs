//! Requests and responses of the clients.

use std::{collections::BTreeSet, time::Duration};

use uuid::Uuid;

/// A request and its response.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) what: &'static str,
    /// None without a response.
    pub(crate) status: Option<u16>,
    /// Its documented statuses.
    pub(crate) documented: &'static [u16],
    pub(crate) has_retry_after: bool,
    pub(crate) took: Duration,
    pub(crate) detail: String,
}

/// The owner of an account, as the client knows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) email: String,
    /// The latest confirmed name.
    pub(crate) name: String,
    /// Names requested since then, without a response.
    pub(crate) unconfirmed_names: Vec<String>,
    /// Sessions whose end was confirmed.
    pub(crate) ended: Vec<Uuid>,
    pub(crate) is_verified: bool,
}

/// Stale state that was returned to a client, and for how long after the response to the change.
#[derive(Debug, Clone)]
pub(crate) struct Stale {
    pub(crate) what: String,
    pub(crate) lasted: Duration,
}

/// What the clients sent, received and learned.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) calls: Vec<Call>,
    /// Accounts whose registration was confirmed.
    pub(crate) people: Vec<Person>,
    /// Stale state that was returned after a change was confirmed.
    pub(crate) stale: Vec<Stale>,
    /// Secrets in use.
    pub(crate) secrets: Vec<String>,
    /// Emails that a restored database does not know.
    pub(crate) lost_mails: BTreeSet<Uuid>,
    /// Emails that were sent, but not yet in the backup that was restored: they are sent again.
    pub(crate) repeated_mails: BTreeSet<Uuid>,
}

impl History {
    pub(crate) fn add(&mut self, other: Self) {
        self.calls.extend(other.calls);
        self.people.extend(other.people);
        self.stale.extend(other.stale);
        self.secrets.extend(other.secrets);
        self.lost_mails.extend(other.lost_mails);
        self.repeated_mails.extend(other.repeated_mails);
    }
}
