//! Showing a picture whose renditions are made.

use crate::{
    App, Command, Result,
    app::Tx,
    domain::{AvatarUploadId, BlobKey, UserId},
    events::Event,
    origin::Origin,
    store::{avatars, blobs},
};

/// Stores the renditions of an upload and shows them from now on. Repeating it is safe, also at the
/// same time: the objects are the same, and only the first one is announced. An upload that was
/// replaced, or whose account is gone, stays without effect.
pub struct RecordRenditions {
    /// The upload.
    pub upload_id: AvatarUploadId,
    /// WebP files of 512, 256 and 64 pixels.
    pub files: [Vec<u8>; 3],
}

impl std::fmt::Debug for RecordRenditions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordRenditions")
            .field("upload_id", &self.upload_id)
            .finish_non_exhaustive()
    }
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
        blobs::note(&mut tx, id, &keys.each_ref()).await?;
        tx.commit().await?;

        for (key, file) in keys.iter().zip(self.files) {
            app.blobs.put(key, file).await?;
        }

        let mut tx = app.begin(origin).await?;
        blobs::note(&mut tx, id, &keys.each_ref()).await?;
        if let Some(owner) = avatars::lock_owner(&mut tx, id).await? {
            show(&mut tx, id, owner, &keys).await?;
        }
        tx.commit().await
    }
}

async fn show(
    tx: &mut Tx,
    id: AvatarUploadId,
    owner: UserId,
    [key_512, key_256, key_64]: &[BlobKey; 3],
) -> Result<()> {
    let now = tx.now;
    let actor = sqlx::query_scalar!(
        "update avatar_uploads
         set status = 'done', finished_at = $2, key_512 = $3, key_256 = $4, key_64 = $5
         where upload_id = $1 returning actor_id",
        id.0,
        now,
        key_512.as_str(),
        key_256.as_str(),
        key_64.as_str(),
    )
    .fetch_one(tx.sql())
    .await?;
    let version = sqlx::query_scalar!(
        "update users set avatar_upload_id = $2, pending_upload_id = null, version = version + 1
         where user_id = $1 and pending_upload_id = $2 returning version",
        owner.0,
        id.0,
    )
    .fetch_one(tx.sql())
    .await?;
    let actor_id = actor.map(UserId);
    tx.emit(Event::AvatarChanged { user_id: owner, version, upload_id: id, actor_id });
    Ok(())
}
