//! `GET /v1/avatars/{key}`, `GET /v1/avatar-uploads/{id}`.

use keyward_core::{
    App,
    domain::{AvatarUploadId, DefaultAvatar},
};

use super::picture::PictureAnswer;
use crate::routes::prelude::*;

pub(crate) struct AvatarQueries;

objects! {
    /// The URLs of the avatar of an account. An account without an avatar has a default one, drawn
    /// from its id.
    Avatar from (app, user): (&App, &queries::UserView) {
        /// The image in its largest size.
        url: String = url(app, user, |keys| keys.key_512),
        /// The image for 64 pixels.
        url_64: String = url(app, user, |keys| keys.key_64),
        /// The image for 256 pixels.
        url_256: String = url(app, user, |keys| keys.key_256),
        /// The image for 512 pixels.
        url_512: String = url(app, user, |keys| keys.key_512),
        /// Whether this is the default avatar.
        is_default: bool = user.avatar.is_none(),
    }

    /// The status of an upload.
    AvatarUpload from upload: queries::UploadView {
        /// `processing`, `done` or `failed`.
        status: String = upload.status,
        /// Why the upload failed, for people. Null otherwise.
        reason: Option<String> = upload.reason,
    }
}

/// The URL of a rendition, or of the default avatar.
fn url(
    app: &App,
    user: &queries::UserView,
    rendition: fn(queries::AvatarKeys) -> String,
) -> String {
    let key = user.avatar.clone().map(rendition);
    let key = key.unwrap_or_else(|| DefaultAvatar::of(user.id).key());
    app.settings.page(&format!("/v1/avatars/{key}"), None)
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Avatars")]
impl AvatarQueries {
    /// Get an avatar
    ///
    /// Supports conditional requests and byte ranges.
    #[oai(path = "/avatars/:key", method = "get", operation_id = "get_avatar")]
    async fn get_avatar(
        &self,
        context: Context<'_>,
        /// The last segment of a URL in `avatar`.
        key: Path<String>,
    ) -> Result<PictureAnswer, Problem> {
        Ok(match context.fetch(queries::GetAvatarPicture(key.0.clone())).await? {
            queries::Picture::Elsewhere(url) => {
                PictureAnswer::Elsewhere(url, "public, max-age=300".into())
            }
            queries::Picture::Here(media_type, bytes) => {
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
        let upload = admin.fetch(queries::GetAvatarUpload { by: admin.by, upload_id }).await?;
        Ok(Json(upload.into()))
    }
}
