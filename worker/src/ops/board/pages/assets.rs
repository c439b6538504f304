//! Style, script and icon of the board, embedded; their addresses carry their hash.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::LazyLock,
};

use poem::{
    Endpoint, Response,
    endpoint::make_sync,
    http::{StatusCode, header},
};

const CSS: &str = include_str!("../../../../assets/board.css");
const JS: &str = include_str!("../../../../assets/board.js");
const ICON: &str = include_str!("../../../../assets/favicon.svg");

/// Addresses of the assets.
pub(super) struct Assets {
    pub(super) css: String,
    pub(super) js: String,
    pub(super) icon: String,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    css: address("board.css", CSS),
    js: address("board.js", JS),
    icon: address("favicon.svg", ICON),
});

/// The URL of an asset; it changes with the content. The hash need not resist collisions.
fn address(name: &str, content: &str) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("/assets/{name}?v={:x}", hasher.finish())
}

impl Assets {
    /// The addresses.
    pub(super) fn get() -> &'static Self {
        &ASSETS
    }

    /// Serves one asset by its name. May be kept for ever: a changed one has another address.
    pub(super) fn endpoint() -> impl Endpoint<Output = Response> {
        make_sync(|request| -> poem::Result<Response> {
            let name = request.uri().path().rsplit('/').next().unwrap_or_default();
            let (content, media_type) = match name {
                "board.css" => (CSS, "text/css; charset=utf-8"),
                "board.js" => (JS, "text/javascript; charset=utf-8"),
                "favicon.svg" => (ICON, "image/svg+xml"),
                _ => return Err(StatusCode::NOT_FOUND.into()),
            };
            Ok(Response::builder()
                .content_type(media_type)
                .header(header::CACHE_CONTROL, "private, max-age=31536000, immutable")
                .body(content))
        })
    }
}
