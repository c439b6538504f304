//! Table `links`.

use std::time::Duration;

use crate::{
    Refusal, Result,
    app::Tx,
    domain::{LinkId, Purpose, UserId},
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
    let id = LinkId::new();
    let now = tx.now;
    revoke(tx, purpose, owner).await?;
    sqlx::query!(
        "insert into links (link_id, purpose, user_id, created_at, expires_at)
         values ($1, $2, $3, $4, $5)",
        id.0,
        purpose.as_str(),
        owner.map(|owner| owner.0),
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
