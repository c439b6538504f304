//! Table `avatar_uploads`.

use super::{blobs, prelude::*};
use crate::domain::{AvatarUploadId, UserId};

/// Locks the account of an upload; `None` if the upload has ended. While the lock is held, no other
/// unit of work ends the upload.
pub(crate) async fn lock_owner(tx: &mut Tx, upload: AvatarUploadId) -> Result<Option<UserId>> {
    let owner = sqlx::query_scalar!(
        r#"select user_id as "id: UserId" from users join avatar_uploads using (user_id)
           where upload_id = $1 for no key update of users"#,
        upload.0,
    )
    .fetch_optional(tx.sql())
    .await?;
    // A second statement sees what was committed while the first one waited for the lock.
    let is_open = sqlx::query_scalar!(
        r#"select exists (select from avatar_uploads
                          where upload_id = $1 and status = 'processing') as "is_open!""#,
        upload.0,
    )
    .fetch_one(tx.sql())
    .await?;
    Ok(owner.filter(|_| is_open))
}

/// Ends an open upload without a result; the account keeps its picture. Returns whether it was open.
pub(crate) async fn fail(tx: &mut Tx, upload: AvatarUploadId, reason: &str) -> Result<bool> {
    let Some(owner) = lock_owner(tx, upload).await? else { return Ok(false) };
    end(tx, owner, reason).await?;
    Ok(true)
}

/// Ends the open upload of an account whose row is locked, because its picture changes again. So an
/// account has one open upload at most.
pub(crate) async fn supersede(tx: &mut Tx, user: UserId) -> Result<()> {
    end(tx, user, "a newer change of the avatar came first").await
}

/// Ends the open upload of an account whose row is locked.
async fn end(tx: &mut Tx, user: UserId, reason: &str) -> Result<()> {
    blobs::check(tx, user).await?;
    sqlx::query!(
        "update avatar_uploads
         set status = 'failed', reason = $2, finished_at = $3, unused_since = $3
         where user_id = $1 and status = 'processing'",
        user.0,
        reason,
        tx.now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Marks the picture of an account whose row is locked as unused, because the account will show another
/// one or none.
pub(crate) async fn replace(tx: &mut Tx, user: UserId) -> Result<()> {
    blobs::check(tx, user).await?;
    sqlx::query!(
        "update avatar_uploads set unused_since = $2
         where user_id = $1 and status = 'done' and unused_since is null",
        user.0,
        tx.now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}
