//! Table `invitations`.

use super::{links, prelude::*};
use crate::domain::{EmailAddress, LinkId, Role, ServiceTokenId};

/// An open invitation.
pub(crate) struct Invitation {
    /// The invited address.
    pub(crate) email: EmailAddress,
    /// The role of the new account.
    pub(crate) role: Role,
}

/// Records an invitation. It replaces an older one to the same address and revokes its link; of two
/// at once, one holds.
pub(crate) async fn insert(
    tx: &mut Tx,
    by: Administrator,
    email: &EmailAddress,
    role: Role,
    link: LinkId,
) -> Result<()> {
    // The invitation is always locked before its link.
    let older = sqlx::query_scalar!(
        r#"select link_id as "id: LinkId" from invitations where email_key = $1 for update"#,
        email.key(),
    )
    .fetch_optional(tx.sql())
    .await?;
    if let Some(older) = older {
        links::revoke_one(tx, older).await?;
    }
    sqlx::query!(
        "insert into invitations (email_key, email, link_id, role, actor_id, service_token_id,
                                  invited_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (email_key) do update
         set email = excluded.email, link_id = excluded.link_id, role = excluded.role,
             actor_id = excluded.actor_id, service_token_id = excluded.service_token_id,
             invited_at = excluded.invited_at",
        email.key(),
        email.as_str(),
        link.0,
        role.as_str(),
        by.user_id().map(|id| id.0),
        by.service_token_id().map(|id| id.0),
        tx.now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Locks the invitation of a link.
///
/// # Errors
///
/// [`Refusal::LinkInvalid`] if the link is unknown, used, revoked or expired, or its sender is no
/// longer an active administrator.
pub(crate) async fn lock(tx: &mut Tx, link: LinkId) -> Result<Invitation> {
    let invitation = sqlx::query_as!(
        Invitation,
        r#"select email as "email: EmailAddress", role as "role: Role"
           from invitations join links using (link_id)
           where link_id = $1 and used_at is null and revoked_at is null and expires_at > $2
                 and (actor_id is null
                      or exists (select from users where users.user_id = actor_id
                                 and users.role = 'admin' and status = 'active'))
           for update of invitations"#,
        link.0,
        tx.now,
    )
    .fetch_optional(tx.sql())
    .await?;
    Ok(invitation.ok_or(Refusal::LinkInvalid)?)
}

/// Removes an invitation that was accepted or revoked.
///
/// # Errors
///
/// [`Refusal::InvitationNotFound`] if no invitation has this link.
pub(crate) async fn remove(tx: &mut Tx, link: LinkId) -> Result<()> {
    let done = sqlx::query!("delete from invitations where link_id = $1", link.0)
        .execute(tx.sql())
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Refusal::InvitationNotFound.into()) }
}

/// Revokes the open invitations that a service token sent.
pub(crate) async fn revoke_of(tx: &mut Tx, sender: ServiceTokenId) -> Result<()> {
    let links = sqlx::query_scalar!(
        r#"delete from invitations where service_token_id = $1 returning link_id as "id: LinkId""#,
        sender.0,
    )
    .fetch_all(tx.sql())
    .await?;
    for link in links {
        links::revoke_one(tx, link).await?;
    }
    Ok(())
}
