//! Assets of the pages: embedded ones, and those of the brand. A URL contains the hash of their content,
//! so that browsers may cache it forever.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keyward_core::brand::{Brand, Colours};
use poem::{Endpoint, Request, Response, endpoint::make_sync, http::StatusCode};
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

/// The style that colours the pages as the brand does.
const BRAND_CSS: &str = "brand.css";

/// The URL of an asset.
pub(crate) fn url(name: &str) -> String {
    format!("/assets/{name}?v={}", *VERSION)
}

/// The URL of the logo of the brand, if it has one.
pub(crate) fn logo_url(brand: &Brand) -> Option<String> {
    brand.logo.as_ref().map(|logo| format!("/assets/{}?v={}", logo.name, brand.version))
}

/// URL and media type of the icon in the tab of a browser: the logo, unless it is a wordmark.
pub(crate) fn icon(brand: &Brand) -> (String, &'static str) {
    let logo = brand.logo.as_ref().filter(|logo| !logo.is_wordmark());
    let own = logo.and_then(|logo| Some((logo_url(brand)?, logo.media_type)));
    own.unwrap_or_else(|| (url("favicon.svg"), "image/svg+xml"))
}

/// The URL of the style of the brand, if it has colours of its own.
pub(crate) fn brand_css_url(brand: &Brand) -> Option<String> {
    brand.colours.map(|_| format!("/assets/{BRAND_CSS}?v={}", brand.version))
}

/// `GET /assets/:name`
pub(crate) fn serve(brand: &Brand) -> impl Endpoint<Output = Response> + use<> {
    let forever = "public, max-age=31536000, immutable";
    let mut contents: Vec<(&str, Content)> = ASSETS
        .map(|(name, media_type, content)| (name, Content::new(media_type, forever, content)))
        .into();
    let css = brand.colours.as_ref().map(Colours::css);
    contents
        .extend(css.map(|css| (BRAND_CSS, Content::new("text/css; charset=utf-8", forever, css))));
    contents.extend(
        brand
            .logo
            .as_ref()
            .map(|logo| (logo.name, Content::new(logo.media_type, forever, logo.content.clone()))),
    );
    make_sync(move |request: Request| -> poem::Result<Response> {
        let name: String = request.path_params()?;
        let found = contents.iter().find(|(known, _)| *known == name);
        let (_, content) = found.ok_or(StatusCode::NOT_FOUND)?;
        Ok(content.response(&request))
    })
}
