//! `GET /v1/invitations`.

use keyward_core::{
    App,
    domain::LinkId,
    queries::{InvitationView, ListInvitations},
};
use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Query};
use uuid::Uuid;

use super::{administration::Mail, users::Role};
use crate::http::{
    auth::Administrator,
    pagination::{Listed, Page},
    problem::Failure,
    tags::Tag,
    time::Time,
};

pub(crate) struct InvitationQueries;

/// An invitation that can be accepted.
#[derive(Debug, Object)]
pub(crate) struct Invitation {
    /// Its identity.
    id: Uuid,
    /// Who is invited.
    email: String,
    /// What the account will be allowed to do.
    role: Role,
    /// When.
    invited_at: Time,
    /// Until when it can be accepted.
    expires_at: Time,
    /// The administrator who invited; null for the command line.
    invited_by: Option<Uuid>,
    /// What became of the mail with the link.
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
            mail: view.mail.into(),
        }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Invitations")]
impl InvitationQueries {
    /// Who is invited and has not come yet?
    ///
    /// The invitations that can be accepted, the latest first, and what became of their mails.
    #[oai(path = "/invitations", method = "get", operation_id = "list_invitations")]
    async fn list_invitations(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// How many at most: 1 to 100.
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<Invitation>, Failure> {
        let page = Page::parse(limit.0, cursor.as_deref())?;
        let query = ListInvitations { by: by.0, page: page.of(LinkId) };
        let found = app.fetch(query).await?;
        Ok(page.answer("/v1/invitations", &[], found, |view| view.id.0, Invitation::from))
    }
}
