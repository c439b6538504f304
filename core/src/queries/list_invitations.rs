//! The open invitations.

use sqlx::types::Json;

use super::{MailView, prelude::*};
use crate::domain::{LinkId, Role, UserId};

/// Lists the invitations that can be accepted, newest first, for administrators. An invitation dies
/// when its sender is no longer an active administrator.
pub struct ListInvitations {
    /// The administrator.
    pub by: Administrator,
    /// The part to read.
    pub page: Keyset<LinkId>,
}

/// An invitation that can be accepted.
#[derive(Debug, Clone)]
pub struct InvitationView {
    /// The invitation, which has the id of its link.
    pub id: LinkId,
    /// The invited address.
    pub email: String,
    /// The role of the new account.
    pub role: Role,
    /// When the invitation was sent.
    pub invited_at: DateTime<Utc>,
    /// When the invitation expires.
    pub expires_at: DateTime<Utc>,
    /// The administrator who sent it; `None` for the command line.
    pub invited_by: Option<UserId>,
    /// Its email.
    pub mail: Json<MailView>,
}

impl Query for ListInvitations {
    type View = Vec<InvitationView>;
    const NAME: &'static str = "list_invitations";

    async fn handle(self, app: &App) -> Result<Vec<InvitationView>> {
        let mut sql = app.read_as(self.by).await?;
        Ok(sqlx::query_as!(
            InvitationView,
            r#"select link_id as "id: LinkId", invitations.email, role as "role: Role", invited_at,
                      expires_at, actor_id as "invited_by: UserId",
                      to_jsonb(mails) || jsonb_build_object('is_suppressed', exists (
                          select from suppressions where suppressions.mailbox = mails.mailbox))
                          as "mail!: Json<MailView>"
               from invitations join links using (link_id) join mails using (link_id)
               where used_at is null and revoked_at is null and expires_at > $1
                     and (actor_id is null
                          or exists (select from users where users.user_id = actor_id
                                     and users.role = 'admin' and status = 'active'))
                     and ($2::uuid is null or link_id < $2)
               order by link_id desc limit $3"#,
            app.clock.now(),
            self.page.after.map(|id| id.0),
            self.page.limit,
        )
        .fetch_all(&mut *sql)
        .await?)
    }
}
