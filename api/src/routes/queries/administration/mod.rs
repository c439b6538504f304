//! `GET /v1/users`, `GET /v1/users/{id}`, `GET /v1/users/{id}/status`, `../mails`, `../events`,
//! `../sessions`.

mod views;

use keyward_core::{
    App, Refusal,
    domain::{EventId, MailId, SearchText, SessionId, UserId},
    queries::{GetUser, GetUserStatus, ListUserEvents, ListUserMails, ListUserSessions, ListUsers},
};
use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use uuid::Uuid;

use super::{
    sessions::{Session, SessionState},
    users::{FoundUser, Role, Status, User},
};
use crate::http::{
    auth::Administrator,
    etag::IfNoneMatch,
    pagination::{Listed, Page},
    problem::Failure,
    tags::Tag,
};
use views::{Event, StatusAndReason};

pub(super) use views::Mail;

pub(crate) struct AdministrationQueries;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Administration")]
impl AdministrationQueries {
    /// Find accounts
    #[oai(path = "/users", method = "get", operation_id = "list_users")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list_users(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// Only those whose address or name contains this, however it is cased.
        query: Query<Option<String>>,
        /// Only those with this role.
        role: Query<Option<Role>>,
        /// Only those with this status.
        status: Query<Option<Status>>,
        /// How many at most: 1 to 100.
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<User>, Failure> {
        let page = Page::parse(limit.0, cursor.as_deref())?;
        let text = SearchText::parse(query.as_deref().unwrap_or_default()).map_err(|_| {
            Refusal::PageInvalid(
                "query is a text of at most 254 characters, none of them a control",
            )
        })?;
        let filters = [
            ("query", text.as_ref().map(SearchText::as_str)),
            ("role", role.as_ref().map(Role::as_str)),
            ("status", status.as_ref().map(Status::as_str)),
        ];
        let filters = filters.map(|(name, value)| (name, value.map(str::to_owned)));
        let query = ListUsers {
            by: by.0,
            text,
            role: role.0.map(Role::into),
            status: status.0.map(Status::into),
            page: page.of(UserId),
        };
        let found = app.fetch(query).await?;
        let show = |user| User::new(&app, &user);
        Ok(page.answer("/v1/users", &filters, found, |user| user.id.0, show))
    }

    /// Look at an account
    #[oai(path = "/users/:id", method = "get", operation_id = "get_user")]
    async fn get_user(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
        /// Send the account only if it has another `ETag`.
        #[oai(name = "If-None-Match")]
        if_none_match: IfNoneMatch,
    ) -> Result<FoundUser, Failure> {
        let user = app.fetch(GetUser { by: by.0, user_id: UserId(id.0) }).await?;
        Ok(FoundUser::new(&app, &user, &if_none_match))
    }

    /// Why may an account be used, or not?
    #[oai(path = "/users/:id/status", method = "get", operation_id = "get_user_status")]
    async fn get_user_status(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
    ) -> Result<Json<StatusAndReason>, Failure> {
        let status = app.fetch(GetUserStatus { by: by.0, user_id: UserId(id.0) }).await?;
        Ok(Json(status.into()))
    }

    /// What became of the mails to an account?
    ///
    /// The latest first. Never what is in them.
    #[oai(path = "/users/:id/mails", method = "get", operation_id = "list_user_mails")]
    async fn list_user_mails(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
        /// How many at most: 1 to 100.
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Mail>, Failure> {
        let page = Page::parse(limit.0, cursor.as_deref())?;
        let query = ListUserMails { by: by.0, user_id: UserId(id.0), page: page.of(MailId) };
        let (path, found) = (format!("/v1/users/{}/mails", id.0), app.fetch(query).await?);
        Ok(page.answer(&path, &[], found, |mail| mail.id.0, Mail::from))
    }

    /// What has happened to an account?
    ///
    /// The latest first; as far back as events are kept.
    #[oai(path = "/users/:id/events", method = "get", operation_id = "list_user_events")]
    async fn list_user_events(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
        /// How many at most: 1 to 100.
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Event>, Failure> {
        let page = Page::parse(limit.0, cursor.as_deref())?;
        let query = ListUserEvents { by: by.0, user_id: UserId(id.0), page: page.of(EventId) };
        let (path, found) = (format!("/v1/users/{}/events", id.0), app.fetch(query).await?);
        Ok(page.answer(&path, &[], found, |event| event.id.0, Event::from))
    }

    /// Where is an account logged in?
    ///
    /// Its sessions, the latest first: those that are alive, or with `state=ended` those that ended
    /// in the last 30 days, with the reason why.
    #[oai(path = "/users/:id/sessions", method = "get", operation_id = "list_user_sessions")]
    async fn list_user_sessions(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// The account.
        id: Path<Uuid>,
        /// Which ones; `active` if it is not given.
        state: Query<Option<SessionState>>,
        /// How many at most: 1 to 100.
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Session>, Failure> {
        let page = Page::parse(limit.0, cursor.as_deref())?;
        let query = ListUserSessions {
            by: by.0,
            user_id: UserId(id.0),
            ended: state.0 == Some(SessionState::Ended),
            page: page.of(SessionId),
        };
        let (path, found) = (format!("/v1/users/{}/sessions", id.0), app.fetch(query).await?);
        let filters = [("state", state.0.map(|state| state.as_str().to_owned()))];
        Ok(page.answer(&path, &filters, found, |session| session.id.0, Session::from))
    }
}
