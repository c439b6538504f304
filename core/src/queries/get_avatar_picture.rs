//! The bytes of a picture.

use crate::{
    App, Query, Refusal, Result,
    domain::{BlobKey, DefaultAvatar},
};

/// The picture with this name in its public address: a drawn one, or one from the blob store. The
/// same name shows the same picture for ever, or none at all.
///
/// Refused with [`AvatarNotFound`](Refusal::AvatarNotFound).
#[derive(Debug)]
pub struct GetAvatarPicture(pub String);

/// A picture, or where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Its media type and bytes.
    Here(&'static str, Vec<u8>),
    /// The public address of the bucket (`AVATAR_PUBLIC_URL`).
    Elsewhere(String),
}

impl Query for GetAvatarPicture {
    type View = Picture;
    const NAME: &'static str = "get_avatar_picture";

    async fn handle(self, app: &App) -> Result<Picture> {
        if let Some(drawn) = DefaultAvatar::from_key(&self.0) {
            return Ok(Picture::Here("image/svg+xml", drawn.svg().into_bytes()));
        }
        let key = BlobKey::from_public(&self.0).ok_or(Refusal::AvatarNotFound)?;
        if let Some(base) = &app.settings.avatars.public_url {
            let base = base.as_str().trim_end_matches('/');
            return Ok(Picture::Elsewhere(format!("{base}/{}", key.public())));
        }
        let bytes = app.blobs.get(&key).await?.ok_or(Refusal::AvatarNotFound)?;
        Ok(Picture::Here("image/webp", bytes))
    }
}
