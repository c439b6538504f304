//! Table `links`. A link works once and for its life only (OWASP ASVS 5.0, 6.5.1 and 6.5.5, as far as
//! they suit what is mailed).

use std::time::Duration;

use crate::{
    Refusal, Result,
    app::Tx,
    domain::{EmailChangeId, LinkId, Purpose, UserId},
    store::users::{self, Locked},
};

/// Makes a link; older ones of the same purpose are dead from now on. Without an owner the row
/// leads nowhere: it is there so that an unknown address costs the same work.
pub(crate) async fn issue(
    tx: &mut Tx,
    purpose: Purpose,
    owner: Option<UserId>,
    life: Duration,
) -> Result<LinkId> {
    revoke(tx, purpose, owner).await?;
    insert(tx, purpose, owner, None, life).await
}

/// Makes a link that confirms or undoes a change of address. An older one that confirms is dead
/// from now on; one that undoes is not: whoever has stolen a session could kill it by asking for
/// another change.
pub(crate) async fn issue_for_change(
    tx: &mut Tx,
    purpose: Purpose,
    owner: UserId,
    change: EmailChangeId,
    life: Duration,
) -> Result<LinkId> {
    if purpose == Purpose::ConfirmEmailChange {
        revoke(tx, purpose, Some(owner)).await?;
    }
    insert(tx, purpose, Some(owner), Some(change), life).await
}

async fn insert(
    tx: &mut Tx,
    purpose: Purpose,
    owner: Option<UserId>,
    change: Option<EmailChangeId>,
    life: Duration,
) -> Result<LinkId> {
    let id = LinkId::new();
    let now = tx.now;
    sqlx::query!(
        "insert into links (link_id, purpose, user_id, change_id, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        id.0,
        purpose.as_str(),
        owner.map(|owner| owner.0),
        change.map(|change| change.0),
        now,
        now + life,
    )
    .execute(tx.sql())
    .await?;
    Ok(id)
}

/// Kills the open links of a purpose.
pub(crate) async fn revoke(tx: &mut Tx, purpose: Purpose, owner: Option<UserId>) -> Result<()> {
    let now = tx.now;
    sqlx::query!(
        "update links set revoked_at = $3
         where user_id = $1 and purpose = $2 and used_at is null and revoked_at is null",
        owner.map(|owner| owner.0),
        purpose.as_str(),
        now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Kills a link, if it is open.
pub(crate) async fn revoke_one(tx: &mut Tx, id: LinkId) -> Result<()> {
    let now = tx.now;
    sqlx::query!(
        "update links set revoked_at = $2
         where link_id = $1 and used_at is null and revoked_at is null",
        id.0,
        now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Kills the open links of an account after its password or its address changed. Those that take
/// a change of address back stay: they are for the case that somebody else changed both.
pub(crate) async fn revoke_all_but_undo(tx: &mut Tx, owner: UserId) -> Result<()> {
    let now = tx.now;
    sqlx::query!(
        "update links set revoked_at = $2
         where user_id = $1 and purpose <> 'undo_email_change'
               and used_at is null and revoked_at is null",
        owner.0,
        now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Kills the open links of an account, whatever they are for.
pub(crate) async fn revoke_all(tx: &mut Tx, owner: UserId) -> Result<()> {
    let now = tx.now;
    sqlx::query!(
        "update links set revoked_at = $2
         where user_id = $1 and used_at is null and revoked_at is null",
        owner.0,
        now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Kills the open links of an account after a change of address was undone, also those that would
/// undo a later change: they went to an address that is the owner's no more. Those of earlier
/// changes stay, or whoever holds a later address could kill them.
pub(crate) async fn revoke_after_undo(
    tx: &mut Tx,
    owner: UserId,
    undone: EmailChangeId,
) -> Result<()> {
    let now = tx.now;
    sqlx::query!(
        "update links set revoked_at = $3
         where user_id = $1 and used_at is null and revoked_at is null
               and not (purpose = 'undo_email_change' and change_id in (
                   select earlier.change_id
                   from email_changes undone join email_changes earlier using (user_id)
                   where undone.change_id = $2 and earlier.position < undone.position))",
        owner.0,
        undone.0,
        now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Gives the link that undoes a change its whole life from now on, and returns it, if it is open.
pub(crate) async fn renew_undo(
    tx: &mut Tx,
    change: EmailChangeId,
    life: Duration,
) -> Result<Option<LinkId>> {
    let now = tx.now;
    let id = sqlx::query_scalar!(
        "update links set expires_at = $2, renewed_at = $3
         where change_id = $1 and purpose = 'undo_email_change'
               and used_at is null and revoked_at is null
         returning link_id",
        change.0,
        now + life,
        now,
    )
    .fetch_optional(tx.sql())
    .await?;
    Ok(id.map(LinkId))
}

/// Locks the owner of a link that is still good. Looks at the link only: two callers may both be
/// told that it is, [`consume`] decides between them.
///
/// # Errors
///
/// [`Refusal::LinkInvalid`] if it is unknown, used, revoked or expired, or its owner is disabled.
pub(crate) async fn lock_owner(tx: &mut Tx, purpose: Purpose, id: LinkId) -> Result<Locked> {
    let now = tx.now;
    let owner = sqlx::query_scalar!(
        r#"select user_id as "user_id!" from links
           where link_id = $1 and purpose = $2 and user_id is not null
                 and used_at is null and revoked_at is null and expires_at > $3"#,
        id.0,
        purpose.as_str(),
        now,
    )
    .fetch_optional(tx.sql())
    .await?
    .ok_or(Refusal::LinkInvalid)?;
    let owner = users::lock(tx, UserId(owner)).await?;
    Ok(owner.filter(|owner| owner.is_active).ok_or(Refusal::LinkInvalid)?)
}

/// Uses a link up, once: of any number of callers one gets it.
///
/// Call it with the owner's row locked, as every command that issues or revokes links does; the
/// locks are then always taken in one order.
///
/// # Errors
///
/// [`Refusal::LinkInvalid`] if it is unknown, used, revoked or expired.
pub(crate) async fn consume(tx: &mut Tx, purpose: Purpose, id: LinkId) -> Result<()> {
    let now = tx.now;
    let done = sqlx::query!(
        "update links set used_at = $3
         where link_id = $1 and purpose = $2
               and used_at is null and revoked_at is null and expires_at > $3",
        id.0,
        purpose.as_str(),
        now,
    )
    .execute(tx.sql())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Refusal::LinkInvalid.into()) }
}
