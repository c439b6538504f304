//! Uploading an avatar.

use std::{pin::pin, time::Duration};

use futures_util::{Stream, TryStreamExt as _};

use super::prelude::*;
use crate::{
    domain::{AvatarUploadId, BlobKey, PictureFormat, UserId},
    settings::Settings,
};

/// Stores a picture for an account. The account shows it once its renditions are made; until then, or
/// if that fails, it keeps its present picture. A newer upload ends an older one.
///
/// The picture is streamed to the blob store and never held in memory as a whole. Its first bytes
/// decide its format before anything is written. The administrator is checked before the first byte
/// is written and again, in the transaction that records the upload, after the last one; the file of
/// a refused upload is deleted.
///
/// Refused with [`NotAPicture`](Refusal::NotAPicture),
/// [`UploadTooLarge`](Refusal::UploadTooLarge), [`Busy`](Refusal::Busy),
/// [`UserNotFound`](Refusal::UserNotFound), as [`Administrator`] says, or with what `picture` fails
/// with.
pub struct UploadAvatar<P> {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
    /// The file, in pieces.
    pub picture: P,
}

impl<P> Command for UploadAvatar<P>
where
    P: Stream<Item = Result<Vec<u8>, Refusal>> + Send,
{
    type Output = AvatarUploadId;
    const NAME: &'static str = "upload_avatar";

    async fn handle(self, app: &App, origin: &Origin) -> Result<AvatarUploadId> {
        let Self { by, user_id, picture } = self;
        let max_bytes = app.settings.avatars.max_bytes;
        let mut picture = pin!(picture);
        let mut piece = read_signature(&mut picture).await?;
        let id = AvatarUploadId::new();
        let key = BlobKey::original(id);

        let (mut tx, _) = administrators::begin_on(app, origin, by, user_id).await?;
        blobs::record(&mut tx, id, &[&key]).await?;
        tx.commit().await?;

        let mut object = app.blobs.begin(&key)?;
        let mut left = max_bytes;
        loop {
            left = left.checked_sub(piece.len()).ok_or(Refusal::UploadTooLarge(max_bytes))?;
            object.write(&piece).await?;
            let Some(next) = picture.try_next().await? else { break };
            piece = next;
        }
        object.finish().await?;

        let recorded = record(app, origin, by, user_id, id, &key).await;
        // If Postgres was unavailable, the upload may be committed.
        if let Err(Error::Refused(_)) = recorded {
            app.blobs.delete(&key).await?;
        }
        recorded.map(|()| id)
    }

    /// The picture may arrive slowly, but must keep its pace.
    fn timeout(&self, app: &App) -> Duration {
        let Settings { http, avatars, .. } = &app.settings;
        http.upload_timeout(avatars.max_bytes) + App::TIMEOUT
    }
}

/// Reads the first bytes of a picture, and refuses other formats.
async fn read_signature(
    picture: &mut (impl Stream<Item = Result<Vec<u8>, Refusal>> + Unpin),
) -> Result<Vec<u8>> {
    let mut start = Vec::new();
    while start.len() < PictureFormat::SIGNATURE_BYTES {
        let Some(piece) = picture.try_next().await? else { break };
        start.extend(piece);
    }
    PictureFormat::of(&start).ok_or(Refusal::NotAPicture)?;
    Ok(start)
}

async fn record(
    app: &App,
    origin: &Origin,
    by: Administrator,
    user_id: UserId,
    upload_id: AvatarUploadId,
    key: &BlobKey,
) -> Result<()> {
    let (mut tx, user) = administrators::begin_on(app, origin, by, user_id).await?;
    let (actor_id, version) = (by.id(), user.version);
    avatars::supersede(&mut tx, user_id).await?;
    blobs::record(&mut tx, upload_id, &[key]).await?;
    sqlx::query!(
        "insert into avatar_uploads (upload_id, user_id, actor_id, original_key, created_at)
         values ($1, $2, $3, $4, $5)",
        upload_id.0,
        user_id.0,
        actor_id.map(|actor| actor.0),
        key.as_str(),
        tx.now,
    )
    .execute(tx.sql())
    .await?;
    tx.emit(Event::AvatarUploaded { user_id, version, upload_id, actor_id });
    tx.commit().await
}
