//! `GET /v1/users/me`, and what an account looks like.

use keyward_core::{
    App,
    app::Actor,
    domain::{self, UserId},
    queries::{GetChangedUser, GetCurrentUser, UserView},
};
use poem::web::Data;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi, payload::Json};
use uuid::Uuid;

use super::avatars::Avatar;
use crate::http::{
    auth::AuthenticatedUser,
    etag::{IfNoneMatch, etag},
    problem::Failure,
    tags::Tag,
    time::Time,
};

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
    created_at: Time,
    /// Grows with every change.
    version: i64,
}

/// What an account may do.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Manages its own account.
    User,
    /// Manages every account.
    Admin,
}

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "snake_case")]
pub(crate) enum Status {
    /// In use.
    Active,
    /// Locked by an administrator.
    Disabled,
}

/// A closed set of words of the core, on the wire.
macro_rules! wire_words {
    ($($name:ident { $($variant:ident)+ })+) => {$(
        impl From<domain::$name> for $name {
            fn from(word: domain::$name) -> Self {
                match word { $(domain::$name::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for domain::$name {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant),+ }
            }
        }

        impl $name {
            /// The word.
            pub(crate) fn as_str(&self) -> &'static str {
                domain::$name::from(*self).as_str()
            }
        }
    )+};
}

wire_words! {
    Role { User Admin }
    Status { Active Disabled }
}

/// An account, and the tag of its version.
#[derive(Debug, ApiResponse)]
pub(crate) enum UserAnswer {
    /// The account.
    #[oai(status = 200)]
    User(
        Json<User>,
        /// Changes with the account.
        #[oai(header = "ETag")]
        String,
    ),
}

/// An account, unless the client has it already.
#[derive(Debug, ApiResponse)]
pub(crate) enum FoundUser {
    /// The account.
    #[oai(status = 200)]
    User(
        Json<User>,
        /// Changes with the account.
        #[oai(header = "ETag")]
        String,
    ),
    /// It is what the client has already.
    #[oai(status = 304)]
    NotModified(
        /// Changes with the account.
        #[oai(header = "ETag")]
        String,
    ),
}

impl FoundUser {
    /// The account, unless the client has this version of it.
    pub(crate) fn new(app: &App, user: &UserView, if_none_match: &IfNoneMatch) -> Self {
        let tag = etag(user.version);
        if if_none_match.has(user.version) {
            return Self::NotModified(tag);
        }
        Self::User(Json(User::new(app, user)), tag)
    }
}

impl User {
    /// What an account shows of itself.
    pub(crate) fn new(app: &App, user: &UserView) -> Self {
        Self {
            id: user.id.0,
            email: user.email.clone(),
            email_verified: user.email_verified,
            display_name: user.display_name.clone(),
            role: user.role.into(),
            status: user.status.into(),
            avatar: Avatar::of(app, user),
            created_at: user.created_at.into(),
            version: user.version,
        }
    }
}

/// The account of a caller, after a command of theirs.
pub(crate) async fn current_user(app: &App, actor: Actor) -> Result<UserAnswer, Failure> {
    let user = app.fetch(GetCurrentUser(actor)).await?;
    Ok(UserAnswer::User(Json(User::new(app, &user)), etag(user.version)))
}

/// An account, after a command of an administrator, who may be none any more by it.
pub(crate) async fn changed_user(app: &App, id: UserId) -> Result<UserAnswer, Failure> {
    let user = app.fetch(GetChangedUser(id)).await?;
    Ok(UserAnswer::User(Json(User::new(app, &user)), etag(user.version)))
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Users")]
impl UserQueries {
    /// Who am I?
    #[oai(path = "/users/me", method = "get", operation_id = "get_current_user")]
    async fn get_current_user(
        &self,
        app: Data<&App>,
        authenticated: AuthenticatedUser,
        /// Send the account only if it has another `ETag`.
        #[oai(name = "If-None-Match")]
        if_none_match: IfNoneMatch,
    ) -> Result<FoundUser, Failure> {
        Ok(FoundUser::new(&app, &authenticated.user, &if_none_match))
    }
}
