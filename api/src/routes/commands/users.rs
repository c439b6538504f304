//! `POST /v1/users`; `PATCH` and `DELETE /v1/users/me`; `PUT /v1/users/me/password` and `/email`.

use keyward_core::queries::{GetChangedUser, GetCurrentUser};

use super::registration::{self, Registration};
use crate::routes::{
    prelude::*,
    queries::users::{User, UserAnswer},
};

pub(crate) struct UserCommands;

/// What changes; at least one member.
#[derive(Debug, Object)]
pub(crate) struct ProfileChange {
    /// The display name, 1 to 100 characters.
    display_name: Option<String>,
    /// The language of emails and pages: a tag (BCP 47) such as `de` or `pt-BR`. If the language is not
    /// available, the nearest one is used, or the default of the server.
    locale: Option<String>,
}

/// A new password, with the current one as proof.
#[derive(Debug, Object)]
pub(crate) struct PasswordChange {
    /// The current password.
    current_password: String,
    /// The new password: 15 to 128 characters, and hard to guess. No other rules.
    password: String,
}

/// A new email address, with the current password as proof.
#[derive(Debug, Object)]
pub(crate) struct EmailChange {
    /// The new address, at most 254 bytes. A confirmation link is emailed to it.
    email: String,
    /// The current password.
    current_password: String,
}

/// The current password as proof.
#[derive(Debug, Object)]
pub(crate) struct AccountDeletion {
    /// The current password.
    current_password: String,
}

#[derive(Debug, ApiResponse)]
enum UserRegistered {
    /// An email says what to do next. The response is the same whether or not the address already
    /// has an account.
    #[oai(status = 202)]
    SeeMail(Json<CheckYourEmail>),
    /// The account was created (only with `REGISTRATION_DISCLOSURE=conflict`).
    #[oai(status = 201)]
    Account(
        Json<User>,
        /// The URL of the account.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Users")]
impl UserCommands {
    /// Register
    ///
    /// Creates an account and emails a verification link. The account can log in after its address is
    /// verified. If the address already has an account, its owner gets an email about it.
    #[oai(path = "/users", method = "post", operation_id = "register_user")]
    async fn register_user(
        &self,
        context: Context<'_>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Body<Registration>,
    ) -> Result<UserRegistered, Problem> {
        let once = context.once(key).await?;
        let registered = match once.output()? {
            Some(registered) => registered,
            None => once.execute(registration::parse(&context, body).await?).await?,
        };
        match registered {
            commands::Registered::SeeMail => Ok(UserRegistered::SeeMail(Json(().into()))),
            commands::Registered::Account(id) => {
                let user = context.fetch(GetChangedUser(id)).await?;
                let user = User::from((context.app, &user));
                Ok(UserRegistered::Account(Json(user), format!("/v1/users/{id}")))
            }
        }
    }

    /// Change your password
    ///
    /// Ends every other session of the account, and emails a notice. Fails with `wrong_password` if
    /// the current password is wrong.
    #[oai(path = "/users/me/password", method = "put", operation_id = "change_password")]
    async fn change_password(
        &self,
        user: AuthenticatedUser<'_>,
        body: Body<PasswordChange>,
    ) -> Result<NoContent, Problem> {
        let (body, mut flaws) = body.parts();
        let current = flaws.check("/current_password", Password::parse(&body.current_password));
        let password = flaws.check("/password", Password::parse(&body.password));
        let (current_password, password) = flaws.all(current.zip(password))?;
        let command = commands::ChangePassword { actor: user.actor, current_password, password };
        user.answer(command).await
    }

    /// Change your email address
    ///
    /// Emails a confirmation link to the new address, which becomes the address of the account when
    /// the link is used. The old address gets a notice with a link to undo the change. The response
    /// is the same whether or not the new address is taken. Fails with `wrong_password` if the
    /// current password is wrong.
    #[oai(path = "/users/me/email", method = "put", operation_id = "request_email_change")]
    async fn request_email_change(
        &self,
        user: AuthenticatedUser<'_>,
        body: Body<EmailChange>,
    ) -> Result<Accepted<CheckYourEmail>, Problem> {
        let (body, mut flaws) = body.parts();
        let email = flaws.check("/email", EmailAddress::parse(&body.email));
        let current = flaws.check("/current_password", Password::parse(&body.current_password));
        let (email, current_password) = flaws.all(email.zip(current))?;
        let command = commands::RequestEmailChange { actor: user.actor, current_password, email };
        user.answer(command).await
    }

    /// Delete your account
    ///
    /// Deletes the account and its personal data. Its tokens are refused from the next request on,
    /// and its address can be registered again. Fails with `wrong_password` if the current password
    /// is wrong, and with `last_admin` if the account is the last active administrator.
    #[oai(path = "/users/me", method = "delete", operation_id = "delete_account")]
    async fn delete_account(
        &self,
        user: AuthenticatedUser<'_>,
        body: Body<AccountDeletion>,
    ) -> Result<NoContent, Problem> {
        let (body, mut flaws) = body.parts();
        let current = flaws.check("/current_password", Password::parse(&body.current_password));
        let (actor, current_password) = (user.actor, flaws.all(current)?);
        user.answer(commands::DeleteAccount { actor, current_password }).await
    }

    /// Change your display name or language
    #[oai(path = "/users/me", method = "patch", operation_id = "change_profile")]
    async fn change_profile(
        &self,
        user: AuthenticatedUser<'_>,
        /// Change the account only if it still has this `ETag`.
        #[oai(name = "If-Match")]
        if_match: IfMatch<false>,
        body: Body<ProfileChange>,
    ) -> Result<UserAnswer, Problem> {
        let (body, mut flaws) = body.parts();
        let name = body.display_name.as_deref().map(DisplayName::parse).transpose();
        let name = flaws.check("/display_name", name);
        let locale = body.locale.as_deref().map(|tag| user.locale_of(tag)).transpose();
        let locale = flaws.check("/locale", locale);
        let (display_name, locale) = flaws.all(name.zip(locale))?;
        let (actor, if_match) = (user.actor, if_match.0);
        user.execute(commands::ChangeProfile { actor, display_name, locale, if_match }).await?;
        let changed = user.fetch(GetCurrentUser(actor)).await?;
        Ok(UserAnswer::new(user.app, &changed))
    }
}
