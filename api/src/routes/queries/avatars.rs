//! `GET /v1/avatars/{key}`, `GET /v1/avatar-uploads/{id}`.

use keyward_core::{
    App,
    domain::{AvatarUploadId, DefaultAvatar},
    queries::{GetAvatarPicture, GetAvatarUpload, Picture as Found, UserView},
};
use poem::{Request, web::Data};
use poem_openapi::{Object, OpenApi, param::Path, payload::Json};
use uuid::Uuid;

use super::picture::{Conditions, Picture};
use crate::http::{auth::Administrator, problem::Failure, tags::Tag};

pub(crate) struct AvatarQueries;

/// Where the picture of an account is. Without one of its own it has a default, drawn from its id.
#[derive(Debug, Object)]
pub(crate) struct Avatar {
    /// The picture in its natural size.
    url: String,
    /// Fit for 64 pixels.
    url_64: String,
    /// Fit for 256 pixels.
    url_256: String,
    /// Fit for 512 pixels.
    url_512: String,
    /// Whether it is the default.
    is_default: bool,
}

impl Avatar {
    /// The picture of a user: three renditions, or one drawing for every size.
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

/// What became of an upload.
#[derive(Debug, Object)]
pub(crate) struct AvatarUpload {
    /// `processing`, `done` or `failed`.
    status: String,
    /// Why it failed, for people; null otherwise.
    reason: Option<String>,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Avatars")]
impl AvatarQueries {
    /// A picture
    #[oai(path = "/avatars/:key", method = "get", operation_id = "get_avatar")]
    async fn get_avatar(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The last part of an address in `avatar`.
        key: Path<String>,
    ) -> Result<Picture, Failure> {
        Ok(match app.fetch(GetAvatarPicture(key.0.clone())).await? {
            Found::Elsewhere(url) => Picture::elsewhere(url),
            Found::Here(media_type, bytes) => {
                Conditions::of(request).answer(&key.0, media_type, bytes)
            }
        })
    }

    /// What became of an upload
    ///
    /// For administrators only. Kept for 30 days.
    #[oai(path = "/avatar-uploads/:id", method = "get", operation_id = "get_avatar_upload")]
    async fn get_avatar_upload(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// The upload, as in `Location`.
        id: Path<Uuid>,
    ) -> Result<Json<AvatarUpload>, Failure> {
        let query = GetAvatarUpload { by: by.0, upload_id: AvatarUploadId(id.0) };
        let upload = app.fetch(query).await?;
        Ok(Json(AvatarUpload { status: upload.status, reason: upload.reason }))
    }
}
