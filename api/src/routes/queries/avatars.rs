//! `GET /v1/avatars/{key}`, `GET /v1/avatar-uploads/{id}`.

use keyward_core::{
    App,
    domain::{AvatarUploadId, DefaultAvatar},
    queries::{GetAvatarPicture, GetAvatarUpload, Picture, UserView},
};

use super::picture::PictureAnswer;
use crate::routes::prelude::*;

pub(crate) struct AvatarQueries;

/// The URLs of the picture of an account. An account without a picture has a default, drawn from
/// its id.
#[derive(Debug, Object)]
pub(crate) struct Avatar {
    /// The picture in its largest size.
    url: String,
    /// The picture for 64 pixels.
    url_64: String,
    /// The picture for 256 pixels.
    url_256: String,
    /// The picture for 512 pixels.
    url_512: String,
    /// Whether this is the default picture.
    is_default: bool,
}

impl Avatar {
    /// The picture of an account: three renditions, or one drawing for every size.
    pub(crate) fn of(app: &App, user: &UserView) -> Self {
        let url = |key: &str| app.settings.page(&format!("/v1/avatars/{key}"), None);
        match &user.avatar {
            Some(keys) => Self {
                url: url(&keys.key_512),
                url_64: url(&keys.key_64),
                url_256: url(&keys.key_256),
                url_512: url(&keys.key_512),
                is_default: false,
            },
            None => {
                let url = url(&DefaultAvatar::of(user.id).key());
                let [url_64, url_256, url_512] = [(); 3].map(|()| url.clone());
                Self { url, url_64, url_256, url_512, is_default: true }
            }
        }
    }
}

/// The status of an upload.
#[derive(Debug, Object)]
pub(crate) struct AvatarUpload {
    /// `processing`, `done` or `failed`.
    status: String,
    /// Why the upload failed, for people. Null otherwise.
    reason: Option<String>,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Avatars")]
impl AvatarQueries {
    /// Get a picture
    ///
    /// Supports conditional requests and byte ranges.
    #[oai(path = "/avatars/:key", method = "get", operation_id = "get_avatar")]
    async fn get_avatar(
        &self,
        context: Context<'_>,
        /// The last segment of a URL in `avatar`.
        key: Path<String>,
    ) -> Result<PictureAnswer, Problem> {
        Ok(match context.fetch(GetAvatarPicture(key.0.clone())).await? {
            Picture::Elsewhere(url) => PictureAnswer::elsewhere(url),
            Picture::Here(media_type, bytes) => {
                PictureAnswer::new(context.request, &key.0, media_type, bytes)
            }
        })
    }

    /// Get the status of an upload
    ///
    /// Administrators only. The status is kept for 30 days.
    #[oai(path = "/avatar-uploads/:id", method = "get", operation_id = "get_avatar_upload")]
    async fn get_avatar_upload(
        &self,
        admin: AdminUser<'_>,
        /// The id of the upload, from the `Location` header of its response.
        id: Path<Uuid>,
    ) -> Result<Json<AvatarUpload>, Problem> {
        let upload_id = AvatarUploadId(id.0);
        let upload = admin.fetch(GetAvatarUpload { by: admin.by, upload_id }).await?;
        Ok(Json(AvatarUpload { status: upload.status, reason: upload.reason }))
    }
}
