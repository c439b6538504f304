//! `POST /v1/invitations`, `DELETE /v1/invitations/{id}`, `POST /v1/invitations/accept`.

use keyward_core::queries::GetChangedUser;

use super::link_proof::EmailedLink;
use crate::routes::{
    prelude::*,
    queries::users::{Role, User},
};

pub(crate) struct InvitationCommands;

/// An invitation.
#[derive(Debug, Object)]
pub(crate) struct InvitationBody {
    /// The address to invite, at most 254 bytes. A link is emailed to it.
    email: String,
    /// The role of the new account.
    role: Role,
    /// The language of the email: a tag (BCP 47) such as `de` or `pt-BR`. Without it, the default of the
    /// server.
    locale: Option<String>,
}

/// The account of an invited person, and the link: its `token`, or `email` and `code`.
#[derive(Debug, Object)]
pub(crate) struct Acceptance {
    #[oai(flatten)]
    link: EmailedLink,
    /// The password: 15 to 128 characters, and hard to guess. No other rules.
    password: String,
    /// The display name, 1 to 100 characters.
    display_name: String,
    /// The language: a tag (BCP 47) such as `de` or `pt-BR`. If the language is not available, the
    /// nearest one is used, or the default of the server. Without this member, `Accept-Language`
    /// decides.
    locale: Option<String>,
}

#[derive(Debug, ApiResponse)]
enum InvitationAccepted {
    /// The account was created. Its email address is verified.
    #[oai(status = 201)]
    Account(
        Json<User>,
        /// The URL of the account.
        #[oai(header = "Location")]
        String,
        /// The version of the account.
        #[oai(header = "ETag")]
        String,
    ),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Invitations")]
impl InvitationCommands {
    /// Invite a person
    ///
    /// Emails a link that creates an account, and invalidates earlier invitations to the address.
    /// The response is the same whether or not the address already has an account.
    #[oai(path = "/invitations", method = "post", operation_id = "invite_user")]
    async fn invite_user(
        &self,
        admin: Scoped<'_, UsersWrite>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Body<InvitationBody>,
    ) -> Result<Accepted<MailPlanned>, Problem> {
        let (body, mut flaws) = body.parts();
        let email = flaws.check("/email", EmailAddress::parse(&body.email));
        let default = Ok(admin.app.settings.default_locale);
        let locale = body.locale.as_deref().map_or(default, |tag| admin.locale_of(tag));
        let locale = flaws.check("/locale", locale);
        let (email, locale) = flaws.all(email.zip(locale))?;
        let (by, role) = (admin.by, body.role.into());
        let command = commands::InviteUser { by, email, role, locale };
        admin.once(key).await?.execute(command).await?;
        Ok(().into())
    }

    /// Revoke an invitation
    ///
    /// Invalidates its link before the response. An email that has not been sent is no longer
    /// sent.
    #[oai(path = "/invitations/:id", method = "delete", operation_id = "revoke_invitation")]
    async fn revoke_invitation(
        &self,
        admin: Scoped<'_, UsersWrite>,
        /// The id of the invitation.
        id: Path<Uuid>,
    ) -> Result<NoContent, Problem> {
        let id = LinkId(id.0);
        admin.answer(commands::RevokeInvitation { by: admin.by, id }).await
    }

    /// Accept an invitation
    ///
    /// Creates the account. Does not log in. Fails with `link_invalid` if the token or code is
    /// unknown, used, expired or revoked, or after five wrong codes. A refused password leaves the link
    /// valid.
    #[oai(path = "/invitations/accept", method = "post", operation_id = "accept_invitation")]
    async fn accept_invitation(
        &self,
        context: Context<'_>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Body<Acceptance>,
    ) -> Result<InvitationAccepted, Problem> {
        let (Acceptance { link, password, display_name, locale }, mut flaws) = body.parts();
        let proof = link.proof(&mut flaws);
        let password = flaws.check("/password", Password::parse(&password));
        let name = flaws.check("/display_name", DisplayName::parse(&display_name));
        let locale = flaws.check("/locale", context.locale(locale.as_deref()));
        let (((proof, password), display_name), locale) =
            flaws.all(proof.zip(password).zip(name).zip(locale))?;
        let command = commands::AcceptInvitation { proof, display_name, password, locale };
        let id = context.once(key).await?.execute(command).await?;
        let user = context.fetch(GetChangedUser(id)).await?;
        let (location, tag) = (format!("/v1/users/{id}"), etag(user.version));
        Ok(InvitationAccepted::Account(Json(User::from((context.app, &user))), location, tag))
    }
}
