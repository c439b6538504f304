//! `GET /v1/invitations`.

use super::{administration::Mail, users::Role};
use crate::routes::prelude::*;

pub(crate) struct InvitationQueries;

objects! {
    /// An invitation that can be accepted.
    Invitation from view: queries::InvitationView {
        /// The id of the invitation.
        id: Uuid = view.id.0,
        /// The invited address.
        email: String = view.email,
        /// The role of the new account.
        role: Role = view.role,
        /// When the invitation was created.
        invited_at: Time = view.invited_at,
        /// When the invitation expires.
        expires_at: Time = view.expires_at,
        /// The administrator who created the invitation. Null for a service token and the command line.
        invited_by: Option<Uuid> = view.invited_by.map(|id| id.0),
        /// The email with the link.
        mail: Mail = Mail::from(view.mail.0),
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Invitations")]
impl InvitationQueries {
    /// List open invitations
    ///
    /// Returns the invitations that can be accepted, latest first, with the state of their emails.
    #[oai(path = "/invitations", method = "get", operation_id = "list_invitations")]
    async fn list_invitations(
        &self,
        admin: Scoped<'_, UsersWrite>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Invitation>, Problem> {
        let page = Page::parse(&admin, limit, cursor)?;
        let query = queries::ListInvitations { by: admin.by, page: page.of(LinkId) };
        page.fetch(&admin, query, |view| view.id.0, Invitation::from).await
    }
}
