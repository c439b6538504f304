//! What only administrators can read.

use keyward_core::queries::{LoggedEvent, MailView, StatusView};
use serde_json::Value;

use crate::routes::{prelude::*, queries::users::Status};

objects! {
    /// The status of an account, and the reason.
    StatusAndReason from view: StatusView {
        /// Whether the account can be used.
        status: Status = view.status,
        /// The reason that an administrator gave.
        reason: Option<String> = view.reason,
        /// The administrator who last changed the status.
        changed_by: Option<Uuid> = view.changed_by.map(|id| id.0),
        /// When the status was last changed. Null if it never was.
        changed_at: Option<Time> = view.changed_at.map(Time::from),
    }

    /// An email and its delivery, without its content.
    Mail from mail: MailView {
        /// The id of the email. Also the left part of its `Message-ID`.
        id: Uuid = mail.id.0,
        /// The kind of the email, for example `verification`.
        kind: String = mail.kind.as_str(),
        /// `planned`, `sending`, `accepted`, `deferred`, `failed`, `expired` or `suppressed`.
        state: String = mail.state,
        /// The number of attempts.
        attempts: i32 = mail.attempts,
        /// The last reply of the SMTP relay.
        reply: Option<String> = mail.reply,
        /// The latest time of the next attempt.
        next_try_at: Option<Time> = mail.next_try_at.map(Time::from),
        /// When the email was requested.
        asked_at: Time = mail.asked_at,
    }

    /// An event of an account.
    Event from event: LoggedEvent {
        /// The id of the event, the same as in NATS.
        id: Uuid = event.id.0,
        /// The type of the event, for example `user.role_changed`.
        #[oai(rename = "type")]
        kind: String = event.subject,
        /// When the event occurred.
        occurred_at: Time = event.occurred_at,
        /// The data of the event. `actor_id` is the administrator who caused it, if there is one.
        data: Value = event.data,
    }
}
