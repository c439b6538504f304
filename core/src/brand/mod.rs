//! The brand of an operator: the folder `BRAND_DIR`, read once at start.
//!
//! ```text
//! brand.toml                two colours
//! logo.svg, logo.png        the logo on pages; emails show the PNG
//! locales/<tag>/*.ftl       messages that replace shipped ones, or a language of its own
//! templates/emails, pages   templates that replace shipped ones
//! ```
//!
//! Every mistake has a file and a line, and prevents the start.

mod colours;
mod contrast;
pub(crate) mod engine;
mod files;
mod logo;
mod overrides;
mod svg;

use std::path::Path;

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
pub use colours::{Colours, Scheme};
pub use contrast::Colour;
use files::{entries, text};
pub use logo::Logo;
pub use overrides::{Overrides, TemplateMistakes};

use crate::languages::{Languages, MessageFile, MessageFolder};

/// How pages and emails look, and what they say.
#[derive(Debug)]
pub struct Brand {
    /// The shipped languages, and those of the brand.
    pub languages: Languages,
    /// The colours, if they are not the shipped ones.
    pub colours: Option<Colours>,
    /// The logo of pages.
    pub logo: Option<Logo>,
    /// The logo of emails: a PNG, because mail programs do not show SVG.
    pub email_logo: Option<Logo>,
    /// Templates that replace shipped ones.
    pub templates: Overrides,
    /// Differs if colours or logo differ: a part of their URLs.
    pub version: String,
    /// Whether there is a brand.
    pub is_own: bool,
}

impl Brand {
    /// Keyward's own look.
    #[must_use]
    pub fn shipped(mistakes: &mut Vec<String>) -> Self {
        Self {
            languages: Languages::load(&[], mistakes),
            colours: None,
            logo: None,
            email_logo: None,
            templates: Overrides::default(),
            version: String::new(),
            is_own: false,
        }
    }

    /// The brand in a folder. What has a mistake is left out.
    #[must_use]
    pub fn load(folder: &Path, mistakes: &mut Vec<String>) -> Self {
        let (mut colours, mut logos, mut locales) = (None, [None, None], Vec::new());
        let mut templates = Overrides::default();
        for (name, path) in entries(folder, mistakes) {
            match name.as_str() {
                "brand.toml" => colours = Colours::load(&path, mistakes),
                "logo.svg" => logos[0] = Logo::svg(&path, mistakes),
                "logo.png" => logos[1] = Logo::png(&path, mistakes),
                "locales" => locales = message_folders(&path, mistakes),
                "templates" => templates = Overrides::load(&path, mistakes),
                "README.md" => {}
                _ => mistakes.push(format!(
                    "{}: is not a part of a brand: brand.toml, logo.svg, logo.png, locales and templates are",
                    path.display()
                )),
            }
        }
        let languages = Languages::load(&locales, mistakes);
        let [svg, png] = logos;
        let (logo, email_logo) = (svg.or_else(|| png.clone()), png);
        let version = version(colours.as_ref(), logo.as_ref());
        Self { languages, colours, logo, email_logo, templates, version, is_own: true }
    }

    /// The colours of emails: those of the brand, or the shipped ones.
    #[must_use]
    pub fn colours(&self) -> Colours {
        self.colours.unwrap_or(Colours::SHIPPED)
    }
}

/// A hash of what browsers load.
fn version(colours: Option<&Colours>, logo: Option<&Logo>) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(colours.map(Colours::css).unwrap_or_default().as_bytes());
    hash.update(logo.map(|logo| logo.content.as_slice()).unwrap_or_default());
    URL_SAFE_NO_PAD.encode(&hash.finish().as_ref()[..9])
}

/// The message files in `locales`.
fn message_folders(path: &Path, mistakes: &mut Vec<String>) -> Vec<MessageFolder> {
    let mut folders = Vec::new();
    for (tag, path) in entries(path, mistakes) {
        match tag.parse::<unic_langid::LanguageIdentifier>().map(|tag| tag.to_string()) {
            Ok(canonical) if canonical == tag => {}
            Ok(canonical) => {
                mistakes.push(format!("{}: must be named {canonical}", path.display()));
                continue;
            }
            Err(_) => {
                let form = "must be named by a language tag (BCP 47) such as nl or pt-BR";
                mistakes.push(format!("{}: {form}", path.display()));
                continue;
            }
        }
        let mut files = Vec::new();
        for (name, path) in entries(&path, mistakes) {
            if !name.ends_with(".ftl") {
                mistakes.push(format!("{}: is not a message file (*.ftl)", path.display()));
            } else if let Some(text) = text(&path, mistakes) {
                files.push(MessageFile { path: path.display().to_string(), text });
            }
        }
        folders.push(MessageFolder { tag, files });
    }
    folders
}

#[cfg(test)]
mod tests;
