//! What only administrators can read.

use keyward_core::queries::{LoggedEvent, MailView, StatusView};
use serde_json::Value;

use crate::routes::{prelude::*, queries::users::Status};

/// The status of an account, and the reason.
#[derive(Debug, Object)]
pub(crate) struct StatusAndReason {
    /// Whether the account can be used.
    status: Status,
    /// The reason that an administrator gave.
    reason: Option<String>,
    /// The administrator who last changed the status.
    changed_by: Option<Uuid>,
    /// When the status was last changed. Null if it never was.
    changed_at: Option<Time>,
}

impl From<StatusView> for StatusAndReason {
    fn from(view: StatusView) -> Self {
        Self {
            status: view.status.into(),
            reason: view.reason,
            changed_by: view.changed_by.map(|id| id.0),
            changed_at: view.changed_at.map(Time::from),
        }
    }
}

/// An email and its delivery, without its content.
#[derive(Debug, Object)]
pub(crate) struct Mail {
    /// The id of the email. Also the left part of its `Message-ID`.
    id: Uuid,
    /// The kind of the email, for example `verification`.
    kind: String,
    /// `planned`, `sending`, `accepted`, `deferred`, `failed`, `expired` or `suppressed`.
    state: String,
    /// The number of attempts.
    attempts: i32,
    /// The last reply of the SMTP relay.
    reply: Option<String>,
    /// The latest time of the next attempt.
    next_try_at: Option<Time>,
    /// When the email was requested.
    asked_at: Time,
}

impl From<MailView> for Mail {
    fn from(view: MailView) -> Self {
        Self {
            id: view.id.0,
            kind: view.kind.as_str().into(),
            state: view.state,
            attempts: view.attempts,
            reply: view.reply,
            next_try_at: view.next_try_at.map(Time::from),
            asked_at: view.asked_at.into(),
        }
    }
}

/// An event of an account.
#[derive(Debug, Object)]
pub(crate) struct Event {
    /// The id of the event, the same as in NATS.
    id: Uuid,
    /// The type of the event, for example `user.role_changed`.
    #[oai(rename = "type")]
    kind: String,
    /// When the event occurred.
    occurred_at: Time,
    /// The data of the event. `actor_id` is the administrator who caused it, if there is one.
    data: Value,
}

impl From<LoggedEvent> for Event {
    fn from(view: LoggedEvent) -> Self {
        Self {
            id: view.id.0,
            kind: view.subject,
            occurred_at: view.occurred_at.into(),
            data: view.data,
        }
    }
}
