//! What a link is for, before it is used.

use super::prelude::*;
use crate::domain::{Purpose, Role};

/// Returns what the holder of a link may see before they use it. Changes nothing.
///
/// Refused with [`LinkInvalid`](Refusal::LinkInvalid) if the link is unknown, used or expired, its
/// account is disabled or deleted, or the sender of the invitation is no longer an active
/// administrator.
pub struct GetLink {
    /// What the link does.
    pub purpose: Purpose,
    /// The token after the `#` of the link.
    pub token: String,
}

/// What a link is for.
#[derive(Debug, Clone)]
pub struct LinkView {
    /// The address that the account has once the link is used.
    pub email: String,
    /// The role of the new account, if the link is an invitation.
    pub role: Option<Role>,
    /// The name of the administrator who sent the invitation; `None` for the command line.
    pub invited_by: Option<String>,
}

impl Query for GetLink {
    type View = LinkView;
    const NAME: &'static str = "get_link";

    async fn handle(self, app: &App) -> Result<LinkView> {
        let link = app.links.open(self.purpose, &self.token).ok_or(Refusal::LinkInvalid)?;
        let found = sqlx::query_as!(
            LinkView,
            r#"select coalesce(invitations.email,
                               case purpose when 'confirm_email_change' then new_email
                                            when 'undo_email_change' then old_email
                                            else users.email end) as "email!",
                      invitations.role as "role?: Role",
                      senders.display_name as "invited_by?"
               from links
                    left join users using (user_id)
                    left join email_changes using (change_id)
                    left join invitations using (link_id)
                    left join users senders on senders.user_id = invitations.actor_id
               where link_id = $1 and purpose = $2 and links.used_at is null
                     and links.revoked_at is null and links.expires_at > $3
                     and case when purpose = 'accept_invitation'
                              then invitations.email is not null
                                   and (invitations.actor_id is null
                                        or (senders.role = 'admin' and senders.status = 'active'))
                              else users.status = 'active' end"#,
            link.0,
            self.purpose.as_str(),
            app.clock.now(),
        )
        .fetch_optional(&app.read)
        .await?;
        Ok(found.ok_or(Refusal::LinkInvalid)?)
    }
}
