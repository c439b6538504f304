//! Embedded assets of the pages. A URL contains the hash of its content, so that browsers may cache
//! it forever.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{
    Response, handler,
    http::{StatusCode, header},
    web::Path,
};
use sha2::{Digest as _, Sha256};

struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
    url: String,
}

impl Asset {
    fn new(name: &'static str, media_type: &'static str, content: &'static str) -> Self {
        let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(content)[..9]);
        Self { name, media_type, content, url: format!("/assets/{name}?v={hash}") }
    }
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        Asset::new("page.css", "text/css; charset=utf-8", include_str!("../../assets/page.css")),
        Asset::new(
            "page.js",
            "text/javascript; charset=utf-8",
            include_str!("../../assets/page.js"),
        ),
        Asset::new("favicon.svg", "image/svg+xml", include_str!("../../assets/favicon.svg")),
    ]
});

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The URL of an asset. Empty if there is no such asset.
pub(crate) fn url(name: &str) -> &'static str {
    find(name).map_or("", |asset| &asset.url)
}

/// `GET /assets/:name`
#[handler]
pub(crate) fn serve(Path(name): Path<String>) -> poem::Result<Response> {
    let asset = find(&name).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Response::builder()
        .content_type(asset.media_type)
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
        .body(asset.content))
}
