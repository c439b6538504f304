//! The administrators among the `users`.

use crate::{
    Refusal, Result,
    administrator::Administrator,
    app::Tx,
    domain::UserId,
    store::users::{self, Locked},
};

/// Key of the advisory lock that orders the ends of administrators.
const LAST_ADMINISTRATOR: i64 = 20_261_123;

/// Locks the account of whoever administers and checks that it may. Every command of
/// administrators begins with this or with [`lock_target`].
///
/// # Errors
///
/// As [`Administrator::check`].
pub(crate) async fn authorize(tx: &mut Tx, by: Administrator) -> Result<()> {
    users::lock_all(tx, by.user_id().as_slice()).await?;
    by.check(tx.sql()).await
}

/// Locks the accounts of whoever administers and of whom it changes, and checks that it may. Both
/// rows are locked in the order of their ids, so two administrators who change each other wait and
/// do not deadlock.
///
/// # Errors
///
/// As [`Administrator::check`], whether or not there is such an account; then
/// [`Refusal::UserNotFound`].
pub(crate) async fn lock_target(tx: &mut Tx, by: Administrator, target: UserId) -> Result<Locked> {
    let ids: Vec<UserId> = by.user_id().into_iter().chain([target]).collect();
    let locked = users::lock_all(tx, &ids).await?;
    by.check(tx.sql()).await?;
    let target = locked.into_iter().find(|user| user.id == target);
    Ok(target.ok_or(Refusal::UserNotFound)?)
}

/// Refuses a change that has left nobody who can administer. Call it last, after the change: the
/// lock that makes such changes wait for each other is always taken after the locks of rows.
///
/// # Errors
///
/// [`Refusal::LastAdmin`]; the transaction is to be dropped.
pub(crate) async fn keep_one(tx: &mut Tx) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1)", LAST_ADMINISTRATOR).execute(tx.sql()).await?;
    // A statement of its own: it sees what was committed while waiting for the lock.
    let is_one_left = sqlx::query_scalar!(
        r#"select exists (select from users
                          where role = 'admin' and status = 'active'
                                and email_verified_at is not null) as "is_one_left!""#,
    )
    .fetch_one(tx.sql())
    .await?;
    if is_one_left { Ok(()) } else { Err(Refusal::LastAdmin.into()) }
}
