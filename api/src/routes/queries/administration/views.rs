//! What administrators see, on the wire.

use keyward_core::queries::{LoggedEvent, MailView, StatusView};
use poem_openapi::Object;
use serde_json::Value;
use uuid::Uuid;

use super::Status;
use crate::http::time::Time;

/// Whether an account may be used, and why.
#[derive(Debug, Object)]
pub(crate) struct StatusAndReason {
    /// Whether it may be used.
    status: Status,
    /// Why, if an administrator has said so.
    reason: Option<String>,
    /// The administrator who changed it last.
    changed_by: Option<Uuid>,
    /// When; null if it was never changed.
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

/// A mail: what was promised and what the relay said. Never what is in it.
#[derive(Debug, Object)]
pub(crate) struct Mail {
    /// Its identity; also the left part of its `Message-ID`.
    id: Uuid,
    /// What it says, for example `verification`.
    kind: String,
    /// `planned`, `sending`, `accepted`, `deferred`, `failed`, `expired` or `suppressed`.
    state: String,
    /// How often it was tried.
    attempts: i32,
    /// What the relay said last.
    reply: Option<String>,
    /// When it is tried again, at the latest.
    next_try_at: Option<Time>,
    /// When it was asked for.
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

/// Something that happened.
#[derive(Debug, Object)]
pub(crate) struct Event {
    /// Its identity, the same as in the stream.
    id: Uuid,
    /// What happened, for example `user.role_changed`.
    #[oai(rename = "type")]
    kind: String,
    /// When.
    occurred_at: Time,
    /// Ids and words; `actor_id` is the administrator who did it, if one did.
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
