//! `GET /v1/users/me`, and the representation of an account.

use keyward_core::{App, domain};

use super::avatars::Avatar;
use crate::routes::prelude::*;

pub(crate) struct UserQueries;

objects! {
    /// An account.
    User from (app, user): (&App, &queries::UserView) {
        /// The id of the account. Never changes, and is never reused.
        id: Uuid = user.id.0,
        /// The email address, as the owner typed it.
        email: String = &user.email,
        /// Whether the address is verified.
        email_verified: bool = user.email_verified,
        /// The display name.
        display_name: String = &user.display_name,
        /// The language of emails to the account and of its pages: a tag (BCP 47) such as `de` or `pt-BR`.
        locale: String = &user.locale,
        /// What the account is allowed to do.
        role: Role = user.role,
        /// Whether the account can be used.
        status: Status = user.status,
        /// The avatar of the account.
        avatar: Avatar = (app, user),
        /// When the account was created.
        created_at: Time = user.created_at,
        /// The version of the account. Increases with every change.
        version: i64 = user.version,
    }
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

/// An account, unless the client already has its version.
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
    /// The client already has this version of the account.
    #[oai(status = 304)]
    NotModified(
        /// The version of the account.
        #[oai(header = "ETag")]
        String,
    ),
}

impl UserAnswer {
    /// The account with the tag of its version.
    pub(crate) fn new(app: &App, user: &queries::UserView) -> Self {
        Self::User(Json(User::from((app, user))), etag(user.version))
    }

    /// The account, unless the client already has this version.
    pub(crate) fn unless_known(app: &App, user: &queries::UserView, known: &IfNoneMatch) -> Self {
        match known.0.check(user.version) {
            Ok(()) => Self::NotModified(etag(user.version)),
            Err(_) => Self::new(app, user),
        }
    }

    /// The account after a command of an administrator, who may have lost that role by it.
    ///
    /// # Errors
    ///
    /// As [`Context::fetch`].
    pub(crate) async fn of(context: &Context<'_>, id: UserId) -> Result<Self, Problem> {
        Ok(Self::new(context.app, &context.fetch(queries::GetChangedUser(id)).await?))
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
    ) -> Result<UserAnswer, Problem> {
        Ok(UserAnswer::unless_known(user.app, &user.user, &if_none_match))
    }
}
