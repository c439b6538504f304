//! `GET /v1/users/me`, and the representation of an account.

use keyward_core::{
    App,
    domain::{self, UserId},
    queries::{GetChangedUser, UserView},
};

use super::avatars::Avatar;
use crate::routes::prelude::*;

pub(crate) struct UserQueries;

/// An account.
#[derive(Debug, Object)]
pub(crate) struct User {
    /// The id of the account. Never changes, and is never reused.
    id: Uuid,
    /// The email address, as the owner typed it.
    email: String,
    /// Whether the address is verified.
    email_verified: bool,
    /// The display name.
    display_name: String,
    /// What the account is allowed to do.
    role: Role,
    /// Whether the account can be used.
    status: Status,
    /// The picture of the account.
    avatar: Avatar,
    /// When the account was created.
    created_at: Time,
    /// The version of the account. Increases with every change.
    version: i64,
}

/// What an account is allowed to do.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "snake_case", remote = "domain::Role")]
pub(crate) enum Role {
    /// Manages its own account.
    User,
    /// Manages all accounts.
    Admin,
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "snake_case", remote = "domain::Status")]
pub(crate) enum Status {
    /// The account can be used.
    Active,
    /// An administrator has disabled the account.
    Disabled,
}

/// An account with the tag of its version.
#[derive(Debug, ApiResponse)]
pub(crate) enum UserAnswer {
    /// The account.
    #[oai(status = 200)]
    User(
        Json<User>,
        /// The version of the account.
        #[oai(header = "ETag")]
        String,
    ),
}

/// An account, unless the client already has its version.
#[derive(Debug, ApiResponse)]
pub(crate) enum FoundUser {
    /// The account.
    #[oai(status = 200)]
    User(
        Json<User>,
        /// The version of the account.
        #[oai(header = "ETag")]
        String,
    ),
    /// The client already has this version of the account.
    #[oai(status = 304)]
    NotModified(
        /// The version of the account.
        #[oai(header = "ETag")]
        String,
    ),
}

impl FoundUser {
    /// The account, unless the client already has this version.
    pub(crate) fn new(app: &App, user: &UserView, if_none_match: &IfNoneMatch) -> Self {
        let tag = etag(user.version);
        if if_none_match.has(user.version) {
            return Self::NotModified(tag);
        }
        Self::User(Json(User::new(app, user)), tag)
    }
}

impl UserAnswer {
    /// The account after a command.
    pub(crate) fn new(context: &Context<'_>, user: &UserView) -> Self {
        Self::User(Json(User::new(context.app, user)), etag(user.version))
    }

    /// The account after a command of an administrator, who may have lost that role by it.
    ///
    /// # Errors
    ///
    /// As [`Context::fetch`].
    pub(crate) async fn of(context: &Context<'_>, id: UserId) -> Result<Self, Problem> {
        Ok(Self::new(context, &context.fetch(GetChangedUser(id)).await?))
    }
}

impl User {
    /// The representation of an account.
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

#[OpenApi(prefix_path = "/v1", tag = "Tag::Users")]
impl UserQueries {
    /// Get your account
    #[oai(path = "/users/me", method = "get", operation_id = "get_current_user")]
    async fn get_current_user(
        &self,
        user: AuthenticatedUser<'_>,
        /// Return the account only if it has another `ETag`.
        #[oai(name = "If-None-Match")]
        if_none_match: IfNoneMatch,
    ) -> Result<FoundUser, Problem> {
        Ok(FoundUser::new(user.app, &user.user, &if_none_match))
    }
}
