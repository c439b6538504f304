//! Assets of the pages: embedded ones, and those of the brand. A URL contains the hash of their content,
//! so that browsers may cache it forever.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keyward_core::brand::{Brand, Colours};
use poem::{Endpoint, Request, Response, endpoint::make_sync, http::StatusCode};
use serde::Serialize;
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

/// The assets of a page by their URLs, as templates read them.
#[derive(Serialize)]
pub(crate) struct Assets {
    /// The icon in the tab of a browser: the logo, unless it is a wordmark.
    icon: Icon,
    /// The shipped style, and that of the brand, which counts where they differ.
    styles: Vec<String>,
    script: String,
    logo: Option<Logo>,
}

#[derive(Serialize)]
struct Icon {
    url: String,
    media_type: &'static str,
}

#[derive(Serialize)]
struct Logo {
    url: String,
    width: u32,
    height: u32,
    /// Whether it stands alone, without the name of the product.
    is_wordmark: bool,
}

impl Assets {
    /// The shipped assets, and those of a brand.
    pub(crate) fn new(brand: &Brand) -> Self {
        let of_brand = |name: &str| format!("/assets/{name}?v={}", brand.version);
        let logo = brand.logo.as_ref();
        let icon = logo.filter(|logo| !logo.is_wordmark());
        let icon = icon.map(|logo| Icon { url: of_brand(logo.name), media_type: logo.media_type });
        let shipped = || Icon { url: url("favicon.svg"), media_type: "image/svg+xml" };
        let own_style = brand.colours.map(|_| of_brand(BRAND_CSS));
        Self {
            icon: icon.unwrap_or_else(shipped),
            styles: [url("page.css")].into_iter().chain(own_style).collect(),
            script: url("page.js"),
            logo: logo.map(|logo| Logo {
                url: of_brand(logo.name),
                width: logo.width,
                height: logo.height,
                is_wordmark: logo.is_wordmark(),
            }),
        }
    }
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
