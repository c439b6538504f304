//! Style, script and icon of the pages, embedded; their addresses carry their hash.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{
    Endpoint, Response,
    endpoint::make_sync,
    http::{StatusCode, header},
};
use sha2::{Digest as _, Sha256};

/// Addresses of the assets.
pub(crate) struct Assets {
    /// The style sheet.
    pub(crate) css: String,
    /// The script.
    pub(crate) js: String,
    /// The icon.
    pub(crate) icon: String,
}

const CSS: &str = include_str!("../../../assets/page.css");
const JS: &str = include_str!("../../../assets/page.js");
const ICON: &str = include_str!("../../../assets/favicon.svg");

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    css: address("page.css", CSS),
    js: address("page.js", JS),
    icon: address("favicon.svg", ICON),
});

fn address(name: &str, content: &str) -> String {
    let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(content)[..9]);
    format!("/assets/{name}?v={hash}")
}

impl Assets {
    /// The addresses.
    pub(crate) fn get() -> &'static Self {
        &ASSETS
    }

    /// Serves one asset by its name. May be kept for ever: a changed one has another address.
    pub(crate) fn endpoint() -> impl Endpoint<Output = Response> {
        make_sync(|request| -> poem::Result<Response> {
            let name = request.uri().path().rsplit('/').next().unwrap_or_default();
            let (content, media_type) = match name {
                "page.css" => (CSS, "text/css; charset=utf-8"),
                "page.js" => (JS, "text/javascript; charset=utf-8"),
                "favicon.svg" => (ICON, "image/svg+xml"),
                _ => return Err(StatusCode::NOT_FOUND.into()),
            };
            Ok(Response::builder()
                .content_type(media_type)
                .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
                .body(content))
        })
    }
}
