//! What every command of an administrator starts and ends with.

use super::{LockedUser, prelude::*, users};
use crate::domain::{Role, UserId};

/// Key of the advisory lock that orders changes which remove an administrator.
const LAST_ADMINISTRATOR_LOCK: i64 = 20_261_123;

/// Begins a unit of work in which `by` is an administrator, with their account locked.
///
/// # Errors
///
/// As [`Administrator::check`].
pub(crate) async fn begin(app: &App, origin: &Origin, by: Administrator) -> Result<Tx> {
    let mut tx = app.begin(origin).await?;
    users::lock_all(&mut tx, by.user_id().as_slice()).await?;
    keep_service_token(&mut tx, by).await?;
    by.check(tx.sql()).await?;
    Ok(tx)
}

/// Begins a unit of work in which `by` is an administrator, with both accounts locked. Locks them in
/// the order of their ids, so that two administrators who change each other do not deadlock.
///
/// # Errors
///
/// As [`Administrator::check`], whether or not the target exists; then [`Refusal::UserNotFound`].
pub(crate) async fn begin_on(
    app: &App,
    origin: &Origin,
    by: Administrator,
    target: UserId,
) -> Result<(Tx, LockedUser)> {
    let mut tx = app.begin(origin).await?;
    let ids: Vec<UserId> = by.user_id().into_iter().chain([target]).collect();
    let locked = users::lock_all(&mut tx, &ids).await?;
    keep_service_token(&mut tx, by).await?;
    by.check(tx.sql()).await?;
    let target = locked.into_iter().find(|user| user.id == target);
    Ok((tx, target.ok_or(Refusal::UserNotFound)?))
}

/// Keeps the service token that acts from being revoked before the unit of work ends. Other requests of
/// the token do not wait.
async fn keep_service_token(tx: &mut Tx, by: Administrator) -> Result<()> {
    if let Some(id) = by.service_token_id() {
        sqlx::query!(
            "select generation from service_tokens where service_token_id = $1 for key share",
            id.0,
        )
        .fetch_optional(tx.sql())
        .await?;
    }
    Ok(())
}

/// Refuses a change to an account that had the role `lost` if it leaves no active administrator.
/// Must come after the change: the advisory lock is always taken after row locks.
///
/// # Errors
///
/// [`Refusal::LastAdmin`]; the caller then drops the unit of work.
pub(crate) async fn require_one(tx: &mut Tx, lost: Role) -> Result<()> {
    if lost != Role::Admin {
        return Ok(());
    }
    sqlx::query!("select pg_advisory_xact_lock($1)", LAST_ADMINISTRATOR_LOCK)
        .execute(tx.sql())
        .await?;
    // A second statement sees what was committed while the first one waited for the lock.
    let is_one_left = sqlx::query_scalar!(
        r#"select exists (select from users
                          where role = 'admin' and status = 'active'
                                and email_verified_at is not null) as "is_one_left!""#,
    )
    .fetch_one(tx.sql())
    .await?;
    if is_one_left { Ok(()) } else { Err(Refusal::LastAdmin.into()) }
}
