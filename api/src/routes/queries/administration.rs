//! `GET /v1/users`, `GET /v1/users/{id}`, `GET /v1/users/{id}/status`, `../mails`, `../events`,
//! `../sessions`.

use keyward_core::{
    Refusal,
    domain::{EventId, MailId, SearchText},
};
use serde_json::Value;

use super::{
    sessions::{Session, SessionState},
    users::{Role, Status, User, UserAnswer},
};
use crate::routes::prelude::*;

pub(crate) struct AdministrationQueries;

objects! {
    /// The status of an account, and the reason.
    StatusAndReason from view: queries::StatusView {
        /// Whether the account can be used.
        status: Status = view.status,
        /// The reason that an administrator gave.
        reason: Option<String> = view.reason,
        /// The administrator or the service token that last changed the status.
        changed_by: Option<Uuid> = view.changed_by.map(|id| id.0),
        /// When the status was last changed. Null if it never was.
        changed_at: Option<Time> = view.changed_at.map(Time::from),
    }

    /// An email and its delivery, without its content.
    Mail from mail: queries::MailView {
        /// The id of the email. Also the left part of its `Message-ID`.
        id: Uuid = mail.id.0,
        /// The kind of the email, for example `verification`.
        kind: String = mail.kind,
        /// `planned`, `sending`, `accepted`, `deferred`, `failed`, `expired`, `suppressed`, `bounced` or
        /// `complained`.
        state: String = mail.state,
        /// The number of attempts.
        attempts: i32 = mail.attempts,
        /// The last reply of the SMTP relay, or the reason of a bounce or a complaint.
        reply: Option<String> = mail.reply,
        /// The latest time of the next attempt.
        next_try_at: Option<Time> = mail.next_try_at.map(Time::from),
        /// When the email was requested.
        asked_at: Time = mail.asked_at,
        /// When a bounce or a complaint was reported.
        reported_at: Option<Time> = mail.reported_at.map(Time::from),
        /// Whether the recipient gets no email at present, because one bounced or was complained about.
        /// Sending an email again lifts it.
        suppressed: bool = mail.is_suppressed,
    }

    /// An event of an account.
    Event from event: queries::LoggedEvent {
        /// The id of the event, the same as in NATS.
        id: Uuid = event.id.0,
        /// The type of the event, for example `user.role_changed`.
        #[oai(rename = "type")]
        kind: String = event.subject,
        /// When the event occurred.
        occurred_at: Time = event.occurred_at,
        /// The data of the event. `actor_id` is the administrator or the service token that
        /// caused it, if there is one.
        data: Value = event.data,
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Administration")]
impl AdministrationQueries {
    /// Search accounts
    ///
    /// Returns the accounts that match all filters, latest first.
    #[oai(path = "/users", method = "get", operation_id = "list_users")]
    async fn list_users(
        &self,
        admin: Scoped<'_, UsersRead>,
        /// Return only accounts whose address or display name contains this text. Case is ignored.
        query: Query<Option<String>>,
        /// Return only accounts with this role.
        role: Query<Option<Role>>,
        /// Return only accounts with this status.
        status: Query<Option<Status>>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<User>, Problem> {
        let page = Page::parse(&admin, limit, cursor)?;
        let text =
            SearchText::parse_optional(query.as_deref().unwrap_or_default()).map_err(|_| {
                let detail = "this has at most 254 characters, none of them a control";
                Refusal::parameter("query", detail)
            })?;
        let query = queries::ListUsers {
            by: admin.by,
            text,
            role: role.0.map(Role::into),
            status: status.0.map(Status::into),
            page: page.of(UserId),
        };
        let show = |user| User::from((admin.app, &user));
        page.fetch(&admin, query, |user| user.id.0, show).await
    }

    /// Get an account
    #[oai(path = "/users/:id", method = "get", operation_id = "get_user")]
    async fn get_user(
        &self,
        admin: Scoped<'_, UsersRead>,
        /// The id of the account.
        id: Path<Uuid>,
        /// Return the account only if it has another `ETag`.
        #[oai(name = "If-None-Match")]
        if_none_match: IfNoneMatch,
    ) -> Result<UserAnswer, Problem> {
        let user = admin
            .fetch(queries::GetUser { by: admin.by, user: queries::UserKey::Id(UserId(id.0)) })
            .await?;
        Ok(UserAnswer::unless_known(admin.app, &user, &if_none_match))
    }

    /// Get the status of an account
    ///
    /// Returns the status with its reason and the administrator who set it.
    #[oai(path = "/users/:id/status", method = "get", operation_id = "get_user_status")]
    async fn get_user_status(
        &self,
        admin: Scoped<'_, UsersRead>,
        /// The id of the account.
        id: Path<Uuid>,
    ) -> Result<Json<StatusAndReason>, Problem> {
        let status =
            admin.fetch(queries::GetUserStatus { by: admin.by, user_id: UserId(id.0) }).await?;
        Ok(Json(status.into()))
    }

    /// List the emails to an account
    ///
    /// Returns the latest first, without their content.
    #[oai(path = "/users/:id/mails", method = "get", operation_id = "list_user_mails")]
    async fn list_user_mails(
        &self,
        admin: Scoped<'_, UsersRead>,
        /// The id of the account.
        id: Path<Uuid>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Mail>, Problem> {
        let (page, user_id) = (Page::parse(&admin, limit, cursor)?, UserId(id.0));
        let query = queries::ListUserMails { by: admin.by, user_id, page: page.of(MailId) };
        page.fetch(&admin, query, |mail| mail.id.0, Mail::from).await
    }

    /// List the events of an account
    ///
    /// Returns the latest first, as far back as events are kept.
    #[oai(path = "/users/:id/events", method = "get", operation_id = "list_user_events")]
    async fn list_user_events(
        &self,
        admin: Scoped<'_, UsersRead>,
        /// The id of the account.
        id: Path<Uuid>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Event>, Problem> {
        let (page, user_id) = (Page::parse(&admin, limit, cursor)?, UserId(id.0));
        let query = queries::ListUserEvents { by: admin.by, user_id, page: page.of(EventId) };
        page.fetch(&admin, query, |event| event.id.0, Event::from).await
    }

    /// List the sessions of an account
    ///
    /// Returns the active sessions, latest first. With `state=ended`, returns the sessions that
    /// ended in the last 30 days, with the reason.
    #[oai(path = "/users/:id/sessions", method = "get", operation_id = "list_user_sessions")]
    async fn list_user_sessions(
        &self,
        admin: Scoped<'_, UsersRead>,
        /// The id of the account.
        id: Path<Uuid>,
        /// The state of the sessions to return. `active` by default.
        state: Query<Option<SessionState>>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Session>, Problem> {
        let (page, user_id) = (Page::parse(&admin, limit, cursor)?, UserId(id.0));
        let ended = state.0 == Some(SessionState::Ended);
        let rows = page.of(SessionId);
        let query = queries::ListUserSessions { by: admin.by, user_id, ended, page: rows };
        page.fetch(&admin, query, |session| session.id.0, Session::from).await
    }
}
