//! Deleting objects from the blob store that nothing refers to.

use chrono::Duration;

use crate::{
    commands::prelude::*,
    domain::{AvatarUploadId, BlobKey},
};

/// Deletes objects that nothing refers to: replaced and removed pictures, files of ended uploads,
/// everything of deleted accounts, and remains of uploads that were interrupted. Emits no event.
/// Returns the number of deleted objects.
///
/// Checks only objects that a change of a picture, or the time since their upload began, has made
/// due. Runs after every change of a picture and every ten minutes. Any number may run at once.
pub struct CollectBlobs;

/// When an open upload counts as failed: its job has died without a trace.
const STUCK_AFTER: Duration = Duration::days(2);
/// How long an administrator can read the state of an unused upload.
const KEEP_UPLOADS: Duration = Duration::days(30);
/// The maximum number of rows per statement.
const BATCH: i64 = 100;

impl Command for CollectBlobs {
    type Output = usize;
    const NAME: &'static str = "collect_blobs";

    async fn handle(self, app: &App, origin: &Origin) -> Result<usize> {
        while end_old_uploads(app, origin).await? == BATCH as u64 {}
        let mut deleted = 0;
        loop {
            let Due { keys, unused } = check(app, origin).await?;
            for key in &unused {
                // The object before its row: an object without a row would stay forever.
                app.blobs.delete(&BlobKey::from_row(key.clone())).await?;
            }
            sqlx::query!("delete from blobs where key = any($1)", &unused)
                .execute(&app.write)
                .await?;
            deleted += unused.len();
            if keys.len() < BATCH as usize {
                return Ok(deleted);
            }
        }
    }
}

/// Ends uploads whose job has died, and deletes old rows. Returns the number of those.
async fn end_old_uploads(app: &App, origin: &Origin) -> Result<u64> {
    let mut tx = app.begin(origin).await?;
    let stuck = sqlx::query_scalar!(
        r#"select upload_id as "id: AvatarUploadId" from avatar_uploads
           where status = 'processing' and created_at < $1 order by created_at limit $2"#,
        tx.now - STUCK_AFTER,
        BATCH,
    )
    .fetch_all(tx.sql())
    .await?;
    for upload in stuck {
        avatars::fail(&mut tx, upload, "the image could not be processed in time").await?;
    }
    let deleted = sqlx::query!(
        "delete from avatar_uploads where upload_id = any(array(
             select upload_id from avatar_uploads
             where unused_since < $1 order by unused_since limit $2))",
        tx.now - KEEP_UPLOADS,
        BATCH,
    )
    .execute(tx.sql())
    .await?;
    tx.commit().await?;
    Ok(deleted.rows_affected())
}

/// Objects that were due for a check.
struct Due {
    keys: Vec<String>,
    /// Those that nothing refers to, nor ever will.
    unused: Vec<String>,
}

async fn check(app: &App, origin: &Origin) -> Result<Due> {
    let mut tx = app.begin(origin).await?;
    // Locked by a statement of its own: the next one sees every change that made one of them due. A
    // later change waits, and makes it due again.
    let keys = sqlx::query_scalar!(
        "select key from blobs where check_at <= $1
         order by check_at limit $2 for update skip locked",
        tx.now,
        BATCH,
    )
    .fetch_all(tx.sql())
    .await?;
    sqlx::query!(
        "update blobs set check_at = null
         where key = any($1)
               and (select status = 'processing' or unused_since is null and key <> original_key
                    from avatar_uploads where avatar_uploads.upload_id = blobs.upload_id)",
        &keys,
    )
    .execute(tx.sql())
    .await?;
    let unused = sqlx::query_scalar!(
        "select key from blobs where key = any($1) and check_at is not null",
        &keys,
    )
    .fetch_all(tx.sql())
    .await?;
    tx.commit().await?;
    Ok(Due { keys, unused })
}
