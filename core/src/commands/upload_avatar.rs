//! Giving an account a picture.

use std::{pin::pin, time::Duration};

use futures_util::{Stream, TryStreamExt as _};

use crate::{
    App, Command, Error, Refusal, Result,
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
/// The picture goes to the store piece by piece as it comes, never whole through memory. What it is
/// is decided by its first bytes, before anything is written. The administrator is checked before
/// the first piece is written and again, in the transaction that announces the picture, after the
/// last one; what was written for nothing is removed.
///
/// Refused with [`NotAPicture`](Refusal::NotAPicture),
/// [`UploadTooLarge`](Refusal::UploadTooLarge),
/// [`Busy`](Refusal::Busy), as [`Administrator`] says, with
/// [`UserNotFound`](Refusal::UserNotFound), or with what `picture` fails with.
pub struct UploadAvatar<P> {
    /// Who asks.
    pub by: Administrator,
    /// Whose picture it is to be.
    pub user_id: UserId,
    /// The file, piece by piece.
    pub picture: P,
}

impl<P> std::fmt::Debug for UploadAvatar<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadAvatar").field("user_id", &self.user_id).finish_non_exhaustive()
    }
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
        let mut piece = telling(&mut picture).await?;
        let id = AvatarUploadId::new();
        let key = BlobKey::original(id);

        let mut tx = app.begin(origin).await?;
        administrators::lock_target(&mut tx, by, user_id).await?;
        blobs::note(&mut tx, id, &[&key]).await?;
        tx.commit().await?;

        let mut object = app.blobs.begin(&key)?;
        let mut left = max_bytes;
        loop {
            let rest = left.checked_sub(piece.len());
            left = rest.ok_or(Refusal::UploadTooLarge { max_bytes })?;
            object.write(&piece).await?;
            let Some(next) = picture.try_next().await? else { break };
            piece = next;
        }
        object.finish().await?;

        let announced = announce(app, origin, by, user_id, id, &key).await;
        // Not if Postgres was away: then it may be announced all the same.
        if let Err(Error::Refused(_)) = announced {
            app.blobs.delete(&key).await?;
        }
        announced.map(|()| id)
    }

    /// The body comes as slowly as any other one may.
    fn timeout(&self, app: &App) -> Duration {
        app.settings.http.timeout + App::TIMEOUT
    }
}

/// What the picture begins with, if that is how one of ours begins.
async fn telling<P>(picture: &mut P) -> Result<Vec<u8>>
where
    P: Stream<Item = Result<Vec<u8>, Refusal>> + Unpin,
{
    let mut start = Vec::new();
    while start.len() < PictureFormat::TELLING_BYTES {
        let Some(piece) = picture.try_next().await? else { break };
        start.extend(piece);
    }
    PictureFormat::of(&start).ok_or(Refusal::NotAPicture)?;
    Ok(start)
}

async fn announce(
    app: &App,
    origin: &Origin,
    by: Administrator,
    user_id: UserId,
    upload_id: AvatarUploadId,
    key: &BlobKey,
) -> Result<()> {
    let mut tx = app.begin(origin).await?;
    let user = administrators::lock_target(&mut tx, by, user_id).await?;
    let actor_id = by.user_id();
    insert(&mut tx, upload_id, &user, actor_id, key).await?;
    let version = user.version;
    tx.emit(Event::AvatarUploaded { user_id, version, upload_id, actor_id });
    tx.commit().await
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
