//! `POST /v1/users`; `PATCH` and `DELETE /v1/users/me`; `PUT /v1/users/me/password` and `/email`.

use keyward_core::{
    App,
    app::Actor,
    commands::{
        ChangePassword, ChangeProfile, DeleteAccount, RegisterUser, Registered, RequestEmailChange,
    },
    domain::{DisplayName, EmailAddress, Password},
    origin::Origin,
    queries::GetChangedUser,
};
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json};

use super::{Accepted, CheckYourEmail, Done};
use crate::{
    http::{auth::AuthenticatedUser, body::Body, etag::IfMatch, problem::Failure, tags::Tag},
    routes::queries::{User, UserAnswer, current_user},
};

pub(crate) struct UserCommands;

/// A new account.
#[derive(Debug, Object)]
pub(crate) struct Registration {
    /// The address, 254 bytes at most; a mail with a link goes there.
    email: String,
    /// 15 to 128 characters; no other rules but that it is not easily guessed.
    password: String,
    /// The name to show; 1 to 100 characters.
    display_name: String,
}

/// A new name.
#[derive(Debug, Object)]
pub(crate) struct ProfileChange {
    /// The name to show; 1 to 100 characters.
    display_name: String,
}

/// A new password, and the old one as proof.
#[derive(Debug, Object)]
pub(crate) struct PasswordChange {
    /// The password as it is now.
    current_password: String,
    /// 15 to 128 characters; no other rules but that it is not easily guessed.
    password: String,
}

/// A new address, and the password as proof.
#[derive(Debug, Object)]
pub(crate) struct EmailChange {
    /// The new address, 254 bytes at most; a mail with a link goes there.
    email: String,
    /// The password as it is now.
    current_password: String,
}

/// The password as proof.
#[derive(Debug, Object)]
pub(crate) struct AccountDeletion {
    /// The password as it is now.
    current_password: String,
}

#[derive(Debug, ApiResponse)]
enum Created {
    /// A mail says what happens next. The same whether or not the address had an account.
    #[oai(status = 202)]
    SeeMail(Json<CheckYourEmail>),
    /// The account exists; a mail with a link is on its way (`REGISTRATION_DISCLOSURE=conflict`).
    #[oai(status = 201)]
    Account(
        Json<User>,
        /// Where the account is.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Users")]
impl UserCommands {
    /// Register
    ///
    /// Opens an account. It can be used once its address is proven by the link in the mail.
    #[oai(path = "/users", method = "post", operation_id = "register_user")]
    async fn register_user(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        body: Body<Registration>,
    ) -> Result<Created, Failure> {
        let (body, mut flaws) = body.parts();
        let email = flaws.check("/email", EmailAddress::parse(&body.email));
        let context = [body.email.as_str(), body.display_name.as_str()];
        let password = Password::parse(&body.password);
        let password = password.and_then(|password| app.policy.validate(password, &context));
        let password = flaws.check("/password", password);
        let name = flaws.check("/display_name", DisplayName::parse(&body.display_name));
        let (email, password, display_name) = flaws.all((email, password, name))?;
        let command = RegisterUser { email, display_name, password };
        Ok(match app.execute(command, &origin).await? {
            Registered::SeeMail => Created::SeeMail(Json(CheckYourEmail::default())),
            Registered::Account(id) => {
                let user = app.fetch(GetChangedUser(id)).await?;
                Created::Account(Json(User::new(&app, &user)), format!("/v1/users/{id}"))
            }
        })
    }

    /// Change my password
    ///
    /// Ends every other session of the account.
    #[oai(path = "/users/me/password", method = "put", operation_id = "change_password")]
    async fn change_password(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        authenticated: AuthenticatedUser,
        body: Body<PasswordChange>,
    ) -> Result<Done, Failure> {
        let (body, mut flaws) = body.parts();
        let current = flaws.check("/current_password", Password::parse(&body.current_password));
        let password = flaws.check("/password", Password::parse(&body.password));
        let (current_password, password) = flaws.all((current, password))?;
        let actor = authenticated.actor;
        app.execute(ChangePassword { actor, current_password, password }, &origin).await?;
        Ok(Done::NoContent)
    }

    /// Change my address
    ///
    /// The address changes once the new one is proven by the link that is mailed there. The old one
    /// gets a notice with a link that stops the change or takes it back. The same answer whether or
    /// not the new address is taken.
    #[oai(path = "/users/me/email", method = "put", operation_id = "request_email_change")]
    async fn request_email_change(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        authenticated: AuthenticatedUser,
        body: Body<EmailChange>,
    ) -> Result<Accepted, Failure> {
        let (body, mut flaws) = body.parts();
        let email = flaws.check("/email", EmailAddress::parse(&body.email));
        let current = flaws.check("/current_password", Password::parse(&body.current_password));
        let (email, current_password) = flaws.all((email, current))?;
        let actor = authenticated.actor;
        app.execute(RequestEmailChange { actor, current_password, email }, &origin).await?;
        Ok(Accepted::new())
    }

    /// Delete my account
    ///
    /// With everything that belongs to it. Its tokens are refused from the next request on, its
    /// address is free again.
    #[oai(path = "/users/me", method = "delete", operation_id = "delete_account")]
    async fn delete_account(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        authenticated: AuthenticatedUser,
        body: Body<AccountDeletion>,
    ) -> Result<Done, Failure> {
        let (body, mut flaws) = body.parts();
        let current = flaws.check("/current_password", Password::parse(&body.current_password));
        let current_password = flaws.all(current)?;
        let actor = authenticated.actor;
        app.execute(DeleteAccount { actor, current_password }, &origin).await?;
        Ok(Done::NoContent)
    }

    /// Rename myself
    #[oai(path = "/users/me", method = "patch", operation_id = "change_profile")]
    async fn change_profile(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        authenticated: AuthenticatedUser,
        /// Rename only if the account still has this `ETag`.
        #[oai(name = "If-Match")]
        if_match: IfMatch<false>,
        body: Body<ProfileChange>,
    ) -> Result<UserAnswer, Failure> {
        let (body, mut flaws) = body.parts();
        let name = flaws.check("/display_name", DisplayName::parse(&body.display_name));
        let display_name = flaws.all(name)?;
        let actor: Actor = authenticated.actor;
        let if_match = if_match.versions();
        app.execute(ChangeProfile { actor, display_name, if_match }, &origin).await?;
        current_user(&app, actor).await
    }
}
