//! Table `invitations`.

use anyhow::anyhow;

use crate::{
    Error, Refusal, Result,
    administrator::Administrator,
    app::Tx,
    domain::{EmailAddress, LinkId, Role},
};

/// An invitation that is still good.
pub(crate) struct Invitation {
    /// The address it was sent to.
    pub(crate) email: EmailAddress,
    /// What whoever accepts it may do.
    pub(crate) role: Role,
}

/// Writes an invitation down. It takes the place of an older one to the same address, whose link is
/// dead from now on; of two at once, one holds.
pub(crate) async fn insert(
    tx: &mut Tx,
    by: Administrator,
    email: &EmailAddress,
    role: Role,
    link: LinkId,
) -> Result<()> {
    let now = tx.now;
    sqlx::query!(
        // The invitation is locked before its link, here as everywhere.
        "with older as (select link_id from invitations where email_key = $1 for update)
         update links set revoked_at = $2 from older
         where links.link_id = older.link_id and revoked_at is null",
        email.key(),
        now,
    )
    .execute(tx.sql())
    .await?;
    sqlx::query!(
        "insert into invitations (email_key, email, link_id, role, actor_id, invited_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (email_key) do update
         set email = excluded.email, link_id = excluded.link_id, role = excluded.role,
             actor_id = excluded.actor_id, invited_at = excluded.invited_at",
        email.key(),
        email.as_str(),
        link.0,
        role.as_str(),
        by.user_id().map(|id| id.0),
        now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Locks the invitation that a link belongs to, if it is still good and whoever invited may still
/// do so.
///
/// # Errors
///
/// [`Refusal::LinkInvalid`] otherwise.
pub(crate) async fn lock(tx: &mut Tx, link: LinkId) -> Result<Invitation> {
    let now = tx.now;
    let row = sqlx::query!(
        "select email, role from invitations join links using (link_id)
         where link_id = $1 and used_at is null and revoked_at is null and expires_at > $2
               and (actor_id is null
                    or exists (select from users where users.user_id = actor_id
                               and users.role = 'admin' and status = 'active'))
         for update of invitations",
        link.0,
        now,
    )
    .fetch_optional(tx.sql())
    .await?
    .ok_or(Refusal::LinkInvalid)?;
    let email = EmailAddress::parse(&row.email)
        .map_err(|flaw| Error::Fault(anyhow!("a stored address is none: {}", flaw.code)))?;
    Ok(Invitation { email, role: row.role.parse()? })
}

/// Removes an invitation: its link was used, and the address is in the account now, or it was taken
/// back.
///
/// # Errors
///
/// [`Refusal::InvitationNotFound`] if there is none with this link.
pub(crate) async fn remove(tx: &mut Tx, link: LinkId) -> Result<()> {
    let done = sqlx::query!("delete from invitations where link_id = $1", link.0)
        .execute(tx.sql())
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Refusal::InvitationNotFound.into()) }
}
