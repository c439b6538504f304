//! Table `blobs`: every object that is, or may be, in the blob store.

use super::prelude::*;
use crate::domain::{AvatarUploadId, BlobKey};

/// Records objects. Commit the record before the objects are written, so that none is ever there
/// without one. Record them again with what refers to them: the collector may have removed the
/// record in between.
pub(crate) async fn record(tx: &mut Tx, upload: AvatarUploadId, keys: &[&BlobKey]) -> Result<()> {
    let keys: Vec<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into blobs (key, upload_id, created_at) select key, $2, $3 from unnest($1::text[]) as t (key)
         on conflict (key) do nothing",
        &keys,
        upload.0,
        tx.now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}
