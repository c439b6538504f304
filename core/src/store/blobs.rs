//! Table `blobs`: every object that is, or may be, in the blob store.

use chrono::Duration;

use super::prelude::*;
use crate::domain::{AvatarUploadId, BlobKey, UserId};

/// When no worker writes the renditions of an upload any more that has ended: its job has at most a
/// minute.
const RENDITIONS_WRITTEN_AFTER: Duration = Duration::minutes(10);

/// Records objects. Commit the record before the objects are written, so that none is ever there
/// without one. Record them again with what refers to them: the collector may have removed the
/// record in between.
///
/// An upload that is not recorded in time counts as interrupted.
pub(crate) async fn record(tx: &mut Tx, upload: AvatarUploadId, keys: &[&BlobKey]) -> Result<()> {
    let settings = &tx.app().settings;
    let upload_timeout = settings.http.upload_timeout(settings.avatars.max_bytes);
    let is_late_at = tx.now + Duration::hours(1) + upload_timeout;
    let keys: Vec<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into blobs (key, upload_id, check_at) select key, $2, $3 from unnest($1::text[]) as t (key)
         on conflict (key) do nothing",
        &keys,
        upload.0,
        is_late_at,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Lets the collector check the objects of an account whose picture is about to change, or which is
/// about to be deleted. A worker may still write the renditions of an open upload, so they are checked
/// later. Those of unused pictures are due already.
pub(crate) async fn check(tx: &mut Tx, user: UserId) -> Result<()> {
    sqlx::query!(
        "update blobs
         set check_at = case when status = 'processing' and key <> original_key
                             then $3::timestamptz else $2::timestamptz end
         from avatar_uploads as upload
         where user_id = $1 and unused_since is null and upload.upload_id = blobs.upload_id",
        user.0,
        tx.now,
        tx.now + RENDITIONS_WRITTEN_AFTER,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}
