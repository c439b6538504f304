//! `GET /v1/avatars/{key}`.

use keyward_core::{
    App, Refusal,
    domain::{DefaultAvatar, UserId},
};
use poem::{IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::Path,
    payload::Payload,
    registry::{MetaSchema, MetaSchemaRef},
};

use crate::{problem::Failure, tags::Tag};

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
    /// The default picture of a user: one drawing for every size.
    pub(crate) fn default_of(app: &App, user: UserId) -> Self {
        let path = format!("/v1/avatars/{}", DefaultAvatar::of(user).key());
        let url = app.settings.page(&path, None);
        let [url_64, url_256, url_512] = [(); 3].map(|()| url.clone());
        Self { url, url_64, url_256, url_512, is_default: true }
    }
}

/// An SVG drawing.
struct Svg(String);

impl Payload for Svg {
    const CONTENT_TYPE: &'static str = "image/svg+xml";

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
    }
}

impl IntoResponse for Svg {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(Self::CONTENT_TYPE)
            .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
            .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
            .body(self.0)
    }
}

#[derive(ApiResponse)]
enum Picture {
    /// The picture; what an address shows never changes.
    #[oai(status = 200)]
    Svg(Svg),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Avatars")]
impl AvatarQueries {
    /// A picture
    #[oai(path = "/avatars/:key", method = "get", operation_id = "get_avatar")]
    async fn get_avatar(
        &self,
        /// The last part of an address in `avatar`.
        key: Path<String>,
    ) -> Result<Picture, Failure> {
        let avatar = DefaultAvatar::from_key(&key).ok_or(Refusal::AvatarNotFound)?;
        Ok(Picture::Svg(Svg(avatar.svg())))
    }
}
