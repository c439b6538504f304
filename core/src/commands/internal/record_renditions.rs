//! Storing the renditions of an avatar upload.

use crate::{
    commands::prelude::*,
    domain::{ActorId, AvatarUploadId, BlobKey, UserId},
};

/// Stores the renditions of an upload and makes them the picture of its account. Safe to repeat, also
/// concurrently: the objects are the same, and only the first run emits an event. Has no effect if
/// the upload was replaced or its account deleted.
pub struct RecordRenditions {
    /// The upload.
    pub upload_id: AvatarUploadId,
    /// WebP files of 512, 256 and 64 pixels.
    pub files: [Vec<u8>; 3],
}

impl Command for RecordRenditions {
    type Output = ();
    const NAME: &'static str = "record_renditions";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let id = self.upload_id;
        let keys = self.files.each_ref().map(|file| BlobKey::rendition(id, file));

        let mut tx = app.begin(origin).await?;
        if avatars::lock_owner(&mut tx, id).await?.is_none() {
            return Ok(());
        }
        blobs::record(&mut tx, id, &keys.each_ref()).await?;
        tx.commit().await?;

        for (key, file) in keys.iter().zip(self.files) {
            app.blobs.put(key, file).await?;
        }

        let mut tx = app.begin(origin).await?;
        blobs::record(&mut tx, id, &keys.each_ref()).await?;
        if let Some(owner) = avatars::lock_owner(&mut tx, id).await? {
            show(&mut tx, id, owner, &keys).await?;
        }
        tx.commit().await
    }
}

async fn show(
    tx: &mut Tx,
    upload_id: AvatarUploadId,
    user_id: UserId,
    [key_512, key_256, key_64]: &[BlobKey; 3],
) -> Result<()> {
    avatars::replace(tx, user_id).await?;
    let actor_id = sqlx::query_scalar!(
        r#"update avatar_uploads
           set status = 'done', finished_at = $2, key_512 = $3, key_256 = $4, key_64 = $5
           where upload_id = $1 returning actor_id as "actor_id: ActorId""#,
        upload_id.0,
        tx.now,
        key_512.as_str(),
        key_256.as_str(),
        key_64.as_str(),
    )
    .fetch_one(tx.sql())
    .await?;
    let version = sqlx::query_scalar!(
        "update users set avatar_upload_id = $2, version = version + 1
         where user_id = $1 returning version",
        user_id.0,
        upload_id.0,
    )
    .fetch_one(tx.sql())
    .await?;
    tx.emit(Event::AvatarChanged { user_id, version, upload_id, actor_id });
    Ok(())
}
