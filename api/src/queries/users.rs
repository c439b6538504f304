//! `GET /v1/users/me`.

use chrono::{DateTime, Utc};
use keyward_core::{
    App,
    app::Actor,
    queries::{CurrentUser, GetCurrentUser},
};
use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi, payload::Json};
use uuid::Uuid;

use super::avatars::Avatar;
use crate::{auth::Caller, problem::Failure, tags::Tag};

pub(crate) struct UserQueries;

/// An account, as its owner sees it.
#[derive(Debug, Object)]
pub(crate) struct User {
    /// Its identity; never changes, never comes back.
    id: Uuid,
    /// The address, as typed.
    email: String,
    /// Whether the address is proven.
    email_verified: bool,
    /// The name to show.
    display_name: String,
    /// What it may do.
    role: Role,
    /// Whether it may be used.
    status: Status,
    /// Its picture.
    avatar: Avatar,
    /// Since when it exists.
    created_at: DateTime<Utc>,
    /// Grows with every change.
    version: i64,
}

/// What an account may do.
#[derive(Debug, Enum)]
#[oai(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Manages its own account.
    User,
    /// Manages every account.
    Admin,
}

/// Whether an account may be used.
#[derive(Debug, Enum)]
#[oai(rename_all = "snake_case")]
pub(crate) enum Status {
    /// In use.
    Active,
    /// Locked by an administrator.
    Disabled,
}

impl User {
    /// What an account shows of itself.
    pub(crate) fn new(app: &App, user: &CurrentUser) -> Self {
        use keyward_core::domain;

        Self {
            id: user.id.0,
            email: user.email.clone(),
            email_verified: user.email_verified,
            display_name: user.display_name.clone(),
            role: match user.role {
                domain::Role::User => Role::User,
                domain::Role::Admin => Role::Admin,
            },
            status: match user.status {
                domain::Status::Active => Status::Active,
                domain::Status::Disabled => Status::Disabled,
            },
            avatar: Avatar::default_of(app, user.id),
            created_at: user.created_at,
            version: user.version,
        }
    }
}

/// The account of a caller, as it is now.
pub(crate) async fn current_user(app: &App, actor: Actor) -> Result<Json<User>, Failure> {
    let user = app.fetch(GetCurrentUser(actor)).await?;
    Ok(Json(User::new(app, &user)))
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Users")]
impl UserQueries {
    /// Who am I?
    #[oai(path = "/users/me", method = "get", operation_id = "get_current_user")]
    async fn get_current_user(
        &self,
        app: Data<&App>,
        caller: Caller,
    ) -> Result<Json<User>, Failure> {
        Ok(Json(User::new(&app, &caller.user)))
    }
}
