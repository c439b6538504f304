//! Giving an account a picture.

use crate::{
    App, Command, Refusal, Result,
    administrator::Administrator,
    app::Tx,
    domain::{AvatarUploadId, BlobKey, PictureFormat, UserId},
    events::Event,
    origin::Origin,
    store::{administrators, avatars, blobs, users::Locked},
};

/// Takes a picture for an account. It is shown when its renditions are made; until then, and if
/// that fails, the account keeps the picture it has. A newer upload ends an older one.
///
/// The administrator is checked before the picture is written to the store and again, in the
/// transaction that announces it, after it.
///
/// Refused with [`NotAPicture`](Refusal::NotAPicture), as [`Administrator`] says, or with
/// [`UserNotFound`](Refusal::UserNotFound).
pub struct UploadAvatar {
    /// Who asks.
    pub by: Administrator,
    /// Whose picture it is to be.
    pub user_id: UserId,
    /// The file.
    pub picture: Vec<u8>,
}

impl std::fmt::Debug for UploadAvatar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadAvatar").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

impl Command for UploadAvatar {
    type Output = AvatarUploadId;
    const NAME: &'static str = "upload_avatar";

    async fn handle(self, app: &App, origin: &Origin) -> Result<AvatarUploadId> {
        PictureFormat::of(&self.picture).ok_or(Refusal::NotAPicture)?;
        let id = AvatarUploadId::new();
        let key = BlobKey::original(id, &self.picture);

        let mut tx = app.begin(origin).await?;
        administrators::lock_target(&mut tx, self.by, self.user_id).await?;
        blobs::note(&mut tx, id, &[&key]).await?;
        tx.commit().await?;

        app.blobs.put(&key, self.picture).await?;

        let mut tx = app.begin(origin).await?;
        let user = administrators::lock_target(&mut tx, self.by, self.user_id).await?;
        let actor_id = self.by.user_id();
        insert(&mut tx, id, &user, actor_id, &key).await?;
        let (user_id, version) = (user.id, user.version);
        tx.emit(Event::AvatarUploaded { user_id, version, upload_id: id, actor_id });
        tx.commit().await?;
        Ok(id)
    }
}

async fn insert(
    tx: &mut Tx,
    id: AvatarUploadId,
    user: &Locked,
    actor_id: Option<UserId>,
    key: &BlobKey,
) -> Result<()> {
    let now = tx.now;
    avatars::supersede(tx, user.id).await?;
    blobs::note(tx, id, &[key]).await?;
    sqlx::query!(
        "insert into avatar_uploads (upload_id, user_id, actor_id, original_key, created_at)
         values ($1, $2, $3, $4, $5)",
        id.0,
        user.id.0,
        actor_id.map(|actor| actor.0),
        key.as_str(),
        now,
    )
    .execute(tx.sql())
    .await?;
    sqlx::query!("update users set pending_upload_id = $2 where user_id = $1", user.id.0, id.0)
        .execute(tx.sql())
        .await?;
    Ok(())
}
