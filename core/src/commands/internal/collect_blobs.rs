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
/// Runs after every change of a picture and every ten minutes. Any number may run at once.
pub struct CollectBlobs;

/// When an upload without a row counts as interrupted; a live one takes seconds.
const ABANDONED_AFTER: Duration = Duration::hours(1);
/// When an open upload counts as failed: its job has died without a trace.
const STUCK_AFTER: Duration = Duration::days(2);
/// How long an administrator can read the state of an ended upload.
const KEEP_UPLOADS: Duration = Duration::days(30);
/// The maximum number of objects per query.
const BATCH: i64 = 100;

impl Command for CollectBlobs {
    type Output = usize;
    const NAME: &'static str = "collect_blobs";

    async fn handle(self, app: &App, origin: &Origin) -> Result<usize> {
        end_old_uploads(app, origin).await?;
        let mut deleted = 0;
        loop {
            let keys = unreferenced(app).await?;
            for key in &keys {
                // The object before its row: an object without a row would stay forever.
                app.blobs.delete(&BlobKey::from_row(key.clone())).await?;
            }
            sqlx::query!("delete from blobs where key = any($1)", &keys)
                .execute(&app.write)
                .await?;
            deleted += keys.len();
            if keys.len() < BATCH as usize {
                return Ok(deleted);
            }
        }
    }
}

async fn end_old_uploads(app: &App, origin: &Origin) -> Result<()> {
    let mut tx = app.begin(origin).await?;
    let stuck = sqlx::query_scalar!(
        r#"select upload_id as "id: AvatarUploadId" from avatar_uploads
           where status = 'processing' and created_at < $1"#,
        tx.now - STUCK_AFTER,
    )
    .fetch_all(tx.sql())
    .await?;
    for upload in stuck {
        avatars::fail(&mut tx, upload, "the image could not be processed in time").await?;
    }
    sqlx::query!(
        "delete from avatar_uploads
         where finished_at < $1
               and not exists (select from users where avatar_upload_id = upload_id)",
        tx.now - KEEP_UPLOADS,
    )
    .execute(tx.sql())
    .await?;
    tx.commit().await
}

async fn unreferenced(app: &App) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "select key from blobs
         left join avatar_uploads as upload using (upload_id)
         left join users on users.user_id = upload.user_id
         where case
             when upload.upload_id is null
                 then blobs.created_at < $1 or key not like 'uploads/%'
             when upload.status = 'processing' then false
             when key = upload.original_key then true
             else upload.status = 'failed' or users.avatar_upload_id is distinct from upload.upload_id
         end
         order by key limit $2",
        app.clock.now() - ABANDONED_AFTER,
        BATCH,
    )
    .fetch_all(&app.write)
    .await?)
}
