//! Table `avatar_uploads`, and what `users` say of their pictures.

use crate::{
    Result,
    app::Tx,
    domain::{AvatarUploadId, UserId},
};

/// Locks the account that an upload is for, while it is being worked on; nothing if it has ended
/// one way or another. With that lock nobody else ends it.
pub(crate) async fn lock_owner(tx: &mut Tx, upload: AvatarUploadId) -> Result<Option<UserId>> {
    let owner = sqlx::query_scalar!(
        "select user_id from users join avatar_uploads using (user_id)
         where upload_id = $1 for no key update of users",
        upload.0,
    )
    .fetch_optional(tx.sql())
    .await?;
    // A statement of its own: it sees what was committed while waiting for the lock.
    let is_open = sqlx::query_scalar!(
        r#"select exists (select from avatar_uploads
                          where upload_id = $1 and status = 'processing') as "is_open!""#,
        upload.0,
    )
    .fetch_one(tx.sql())
    .await?;
    Ok(owner.filter(|_| is_open).map(UserId))
}

/// Ends an upload that leads to nothing. The account keeps the picture it has.
pub(crate) async fn fail(tx: &mut Tx, upload: AvatarUploadId, reason: &str) -> Result<()> {
    let now = tx.now;
    sqlx::query!(
        "update avatar_uploads set status = 'failed', reason = $2, finished_at = $3
         where upload_id = $1 and status = 'processing'",
        upload.0,
        reason,
        now,
    )
    .execute(tx.sql())
    .await?;
    sqlx::query!(
        "update users set pending_upload_id = null where pending_upload_id = $1",
        upload.0
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Ends the upload that an account waits for, because something newer has come.
pub(crate) async fn supersede(tx: &mut Tx, user: UserId) -> Result<()> {
    let pending = sqlx::query_scalar!(
        "select upload_id from avatar_uploads where user_id = $1 and status = 'processing'",
        user.0,
    )
    .fetch_all(tx.sql())
    .await?;
    for upload in pending {
        fail(tx, AvatarUploadId(upload), "a newer change of the picture came first").await?;
    }
    Ok(())
}
