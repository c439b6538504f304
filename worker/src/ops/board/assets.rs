//! Style, script and icon of the board.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::LazyLock,
};

use poem::{
    Response, handler,
    http::{StatusCode, header},
    web::Path,
};

const CSS: &str = concat!(
    include_str!("../../../../core/assets/palette.css"),
    include_str!("../../../assets/board.css")
);

/// Name, media type and content of each asset.
const ASSETS: [(&str, &str, &str); 3] = [
    ("board.css", "text/css; charset=utf-8", CSS),
    ("board.js", "text/javascript; charset=utf-8", include_str!("../../../assets/board.js")),
    ("favicon.svg", "image/svg+xml", include_str!("../../../../core/assets/favicon.svg")),
];

/// Part of the URL of every asset; it changes with their content. It need not resist collisions.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    ASSETS.hash(&mut hasher);
    format!("{:x}", hasher.finish())
});

/// Serves one asset. Browsers may keep it for ever: a changed one has another URL.
#[handler]
pub(super) fn serve(name: Path<String>) -> poem::Result<Response> {
    let asset = ASSETS.into_iter().find(|(known, ..)| *known == *name);
    let (_, media_type, content) = asset.ok_or(StatusCode::NOT_FOUND)?;
    Ok(Response::builder()
        .content_type(media_type)
        .header(header::CACHE_CONTROL, "private, max-age=31536000, immutable")
        .body(content))
}
