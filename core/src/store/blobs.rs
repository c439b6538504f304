//! Table `blobs`: every object there is, or may be.

use crate::{
    Result,
    app::Tx,
    domain::{AvatarUploadId, BlobKey},
};

/// Writes objects down. Commit it before they are written to the store, so that none is ever there
/// which nobody knows of; and once more with what makes them needed, for the case that somebody
/// has collected them in between.
pub(crate) async fn note(tx: &mut Tx, upload: AvatarUploadId, keys: &[&BlobKey]) -> Result<()> {
    let now = tx.now;
    let keys: Vec<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into blobs (key, upload_id, created_at) select key, $2, $3 from unnest($1::text[]) as t (key)
         on conflict (key) do nothing",
        &keys,
        upload.0,
        now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}
