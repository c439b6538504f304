//! Removing objects that nothing refers to any more.

use chrono::{DateTime, Duration, Utc};

use crate::{
    App, Command, Result,
    domain::{AvatarUploadId, BlobKey},
    origin::Origin,
    store::avatars,
};

/// Removes objects that are needed no more: pictures that were replaced or removed, files whose
/// renditions are made or will never be, everything of deleted accounts, and what an upload left
/// behind that died between its parts. Announces nothing.
///
/// Runs after every change of a picture, which removes what was replaced within seconds, and every
/// ten minutes for the rest. Any number may run at the same time.
#[derive(Debug)]
pub struct CollectBlobs;

/// An upload that nobody wrote down is thought dead after this long; a live one takes seconds.
const ABANDONED_AFTER: Duration = Duration::hours(1);
/// An upload whose job has died without a word is given up after this long.
const STUCK_AFTER: Duration = Duration::days(2);
/// For so long an administrator can read what became of an upload.
const KEEP_UPLOADS: Duration = Duration::days(30);
/// Objects that are looked up at once.
const BATCH: i64 = 100;

impl Command for CollectBlobs {
    /// How many objects were removed.
    type Output = usize;
    const NAME: &'static str = "collect_blobs";

    async fn handle(self, app: &App, origin: &Origin) -> Result<usize> {
        give_up_stuck(app, origin).await?;
        let mut removed = 0;
        loop {
            let keys = unneeded(app).await?;
            for key in &keys {
                // The object first: what is not written down would stay for ever.
                app.blobs.delete(&BlobKey::from_row(key.clone())).await?;
            }
            sqlx::query!("delete from blobs where key = any($1)", &keys)
                .execute(&app.write)
                .await?;
            removed += keys.len();
            if keys.len() < BATCH as usize {
                return Ok(removed);
            }
        }
    }
}

async fn give_up_stuck(app: &App, origin: &Origin) -> Result<()> {
    let mut tx = app.begin(origin).await?;
    let now: DateTime<Utc> = tx.now;
    let stuck = sqlx::query_scalar!(
        "select upload_id from avatar_uploads where status = 'processing' and created_at < $1",
        now - STUCK_AFTER,
    )
    .fetch_all(tx.sql())
    .await?;
    for upload in stuck {
        let upload = AvatarUploadId(upload);
        if avatars::lock_owner(&mut tx, upload).await?.is_some() {
            avatars::fail(&mut tx, upload, "the picture could not be worked on in time").await?;
        }
    }
    sqlx::query!(
        "delete from avatar_uploads
         where finished_at < $1
               and not exists (select from users where avatar_upload_id = upload_id)",
        now - KEEP_UPLOADS,
    )
    .execute(tx.sql())
    .await?;
    tx.commit().await
}

async fn unneeded(app: &App) -> Result<Vec<String>> {
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
