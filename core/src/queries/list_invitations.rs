//! Who is invited and has not come yet.

use chrono::{DateTime, Utc};

use crate::{
    App, Query, Result,
    administrator::Administrator,
    domain::{LinkId, MailId, Role, UserId},
    queries::MailView,
};

/// The invitations whose links are good, the latest first, for administrators. Those of somebody
/// who administers no longer are not good and not among them.
#[derive(Debug)]
pub struct ListInvitations {
    /// Who asks.
    pub by: Administrator,
    /// Start after this one.
    pub after: Option<LinkId>,
    /// How many at most.
    pub limit: i64,
}

/// An invitation that can be accepted.
#[derive(Debug, Clone)]
pub struct InvitationView {
    /// Its identity, which is that of its link.
    pub id: LinkId,
    /// Who is invited.
    pub email: String,
    /// What the account will be allowed to do.
    pub role: Role,
    /// When.
    pub invited_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// The administrator who invited; none for the command line.
    pub invited_by: Option<UserId>,
    /// What became of the mail.
    pub mail: MailView,
}

impl Query for ListInvitations {
    type View = Vec<InvitationView>;
    const NAME: &'static str = "list_invitations";

    async fn handle(self, app: &App) -> Result<Vec<InvitationView>> {
        let mut sql = app.read_as(self.by).await?;
        let rows = sqlx::query!(
            "select link_id, invitations.email, role, invited_at, expires_at, actor_id,
                    mail_id, kind, state, attempts, reply, next_try_at, asked_at
             from invitations join links using (link_id) join mails using (link_id)
             where used_at is null and revoked_at is null and expires_at > $1
                   and (actor_id is null
                        or exists (select from users where users.user_id = actor_id
                                   and users.role = 'admin' and status = 'active'))
                   and ($2::uuid is null or link_id < $2)
             order by link_id desc limit $3",
            app.clock.now(),
            self.after.map(|id| id.0),
            self.limit,
        )
        .fetch_all(&mut *sql)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(InvitationView {
                    id: LinkId(row.link_id),
                    email: row.email,
                    role: row.role.parse()?,
                    invited_at: row.invited_at,
                    expires_at: row.expires_at,
                    invited_by: row.actor_id.map(UserId),
                    mail: MailView {
                        id: MailId(row.mail_id),
                        kind: row.kind.parse()?,
                        state: row.state,
                        attempts: row.attempts,
                        reply: row.reply,
                        next_try_at: row.next_try_at,
                        asked_at: row.asked_at,
                    },
                })
            })
            .collect()
    }
}
