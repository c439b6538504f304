//! `POST /v1/invitations`, `DELETE /v1/invitations/{id}`,
//! `POST /v1/invitations/accept`.

use keyward_core::{
    App,
    commands::{AcceptInvitation, InviteUser, RevokeInvitation},
    domain::{DisplayName, EmailAddress, LinkId, Password},
    origin::Origin,
    queries::GetChangedUser,
};
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json};
use uuid::Uuid;

use super::{Done, administration::Planned};
use crate::{
    http::{auth::Administrator, body::Body, etag::etag, problem::Failure, tags::Tag},
    routes::queries::{Role, User},
};

pub(crate) struct InvitationCommands;

/// Who is invited, and to what.
#[derive(Debug, Object)]
pub(crate) struct InvitationBody {
    /// The address, 254 bytes at most; a mail with a link goes there.
    email: String,
    /// What the account may do.
    role: Role,
}

/// A new account for an invited address.
#[derive(Debug, Object)]
pub(crate) struct Acceptance {
    /// The token behind the `#` of the link.
    token: String,
    /// 15 to 128 characters; no other rules but that it is not easily guessed.
    password: String,
    /// The name to show; 1 to 100 characters.
    display_name: String,
}

#[derive(Debug, ApiResponse)]
enum Accepted {
    /// The account exists, and its address is proven.
    #[oai(status = 201)]
    Account(
        Json<User>,
        /// Where the account is.
        #[oai(header = "Location")]
        String,
        /// Changes with the account.
        #[oai(header = "ETag")]
        String,
    ),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Invitations")]
impl InvitationCommands {
    /// Invite somebody
    ///
    /// Mails a link that opens an account. The same answer whether or not the address has one; the
    /// link of an older invitation to the address is dead from now on.
    #[oai(path = "/invitations", method = "post", operation_id = "invite_user")]
    async fn invite_user(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        body: Body<InvitationBody>,
    ) -> Result<Planned, Failure> {
        let (body, mut flaws) = body.parts();
        let email = flaws.check("/email", EmailAddress::parse(&body.email));
        let email = flaws.all(email)?;
        app.execute(InviteUser { by: by.0, email, role: body.role.into() }, &origin).await?;
        Ok(Planned::new())
    }

    /// Take an invitation back
    ///
    /// Its link is dead with the answer; a mail that has not gone out yet does not.
    #[oai(path = "/invitations/:id", method = "delete", operation_id = "revoke_invitation")]
    async fn revoke_invitation(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        by: Administrator,
        /// The invitation.
        id: Path<Uuid>,
    ) -> Result<Done, Failure> {
        app.execute(RevokeInvitation { by: by.0, id: LinkId(id.0) }, &origin).await?;
        Ok(Done::NoContent)
    }

    /// Accept an invitation
    ///
    /// Opens the account; nobody is logged in by it. A password that is refused does not use up
    /// the link.
    #[oai(path = "/invitations/accept", method = "post", operation_id = "accept_invitation")]
    async fn accept_invitation(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        body: Body<Acceptance>,
    ) -> Result<Accepted, Failure> {
        let (body, mut flaws) = body.parts();
        let password = flaws.check("/password", Password::parse(&body.password));
        let name = flaws.check("/display_name", DisplayName::parse(&body.display_name));
        let (password, display_name) = flaws.all((password, name))?;
        let command = AcceptInvitation { token: body.token, display_name, password };
        let id = app.execute(command, &origin).await?;
        let user = app.fetch(GetChangedUser(id)).await?;
        let location = format!("/v1/users/{id}");
        Ok(Accepted::Account(Json(User::new(&app, &user)), location, etag(user.version)))
    }
}
