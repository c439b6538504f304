//! Embedded assets of the pages. A URL contains the hash of their content, so that browsers may cache
//! it forever.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{Request, Response, handler, http::StatusCode, web::Path};
use sha2::{Digest as _, Sha256};

use super::content::Content;

const CSS: &str = concat!(
    include_str!("../../../core/assets/palette.css"),
    include_str!("../../assets/page.css")
);

/// Name, media type and content.
const ASSETS: [(&str, &str, &str); 3] = [
    ("page.css", "text/css; charset=utf-8", CSS),
    ("page.js", "text/javascript; charset=utf-8", include_str!("../../assets/page.js")),
    ("favicon.svg", "image/svg+xml", include_str!("../../../core/assets/favicon.svg")),
];

/// The hash of all assets.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let contents = ASSETS.map(|(_, _, content)| content).concat();
    URL_SAFE_NO_PAD.encode(&Sha256::digest(contents)[..9])
});

static CONTENTS: LazyLock<[(&str, Content); 3]> = LazyLock::new(|| {
    let forever = "public, max-age=31536000, immutable";
    ASSETS.map(|(name, media_type, content)| (name, Content::new(media_type, forever, content)))
});

/// The URL of an asset.
pub(crate) fn url(name: &str) -> String {
    format!("/assets/{name}?v={}", *VERSION)
}

/// `GET /assets/:name`
#[handler]
pub(crate) fn serve(Path(name): Path<String>, request: &Request) -> poem::Result<Response> {
    let found = CONTENTS.iter().find(|(known, _)| *known == name);
    let (_, content) = found.ok_or(StatusCode::NOT_FOUND)?;
    Ok(content.response(request))
}
