//! `GET /v1/invitations`.

use keyward_core::{
    domain::LinkId,
    queries::{InvitationView, ListInvitations},
};

use super::{administration::views::Mail, users::Role};
use crate::routes::prelude::*;

pub(crate) struct InvitationQueries;

/// An invitation that can be accepted.
#[derive(Debug, Object)]
pub(crate) struct Invitation {
    /// The id of the invitation.
    id: Uuid,
    /// The invited address.
    email: String,
    /// The role of the new account.
    role: Role,
    /// When the invitation was created.
    invited_at: Time,
    /// When the invitation expires.
    expires_at: Time,
    /// The administrator who created the invitation. Null for the command line.
    invited_by: Option<Uuid>,
    /// The email with the link.
    mail: Mail,
}

impl From<InvitationView> for Invitation {
    fn from(view: InvitationView) -> Self {
        Self {
            id: view.id.0,
            email: view.email,
            role: view.role.into(),
            invited_at: view.invited_at.into(),
            expires_at: view.expires_at.into(),
            invited_by: view.invited_by.map(|id| id.0),
            mail: view.mail.0.into(),
        }
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
        admin: AdminUser<'_>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Invitation>, Problem> {
        let page = Page::parse(limit, cursor)?;
        let query = ListInvitations { by: admin.by, page: page.of(LinkId) };
        page.fetch(&admin, query, |view| view.id.0, Invitation::from).await
    }
}
