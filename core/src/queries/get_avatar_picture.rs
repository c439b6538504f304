//! The bytes of a picture.

use super::prelude::*;
use crate::domain::{BlobKey, DefaultAvatar};

/// Returns the picture with this key in its public URL: a drawn one, or one from the blob store. The
/// picture behind a key never changes.
///
/// Refused with [`AvatarNotFound`](Refusal::AvatarNotFound).
pub struct GetAvatarPicture(pub String);

/// A picture, or its public URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Its media type and bytes.
    Here(&'static str, Vec<u8>),
    /// The URL below `AVATAR_PUBLIC_URL`.
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
