//! Renders emails: one layout for HTML, one for text.

use std::sync::Arc;

use keyward_core::{
    brand::{Brand, TemplateMistakes},
    domain::MailKind,
    languages::Locale,
    templates::Templates,
};
use serde::Serialize;

use super::{EmailFacts, RenderedEmail, content::EmailContent};

/// The layouts, by the names under which a brand replaces them.
const LAYOUTS: [(&str, &str); 2] = [
    ("emails/layout.html", include_str!("../../templates/emails/layout.html")),
    ("emails/layout.txt", include_str!("../../templates/emails/layout.txt")),
];

/// Renders emails. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct EmailRenderer(pub(super) Arc<Templates>);

/// The logo, as the layouts read it.
#[derive(Serialize)]
struct LogoParts {
    src: String,
    width: u32,
    height: u32,
    /// Whether it stands alone, without the name of the product.
    is_wordmark: bool,
}

impl EmailRenderer {
    /// `Content-ID` of the logo (RFC 2392).
    pub(super) const LOGO_ID: &'static str = "logo@keyward";

    /// Parses the layouts.
    ///
    /// # Errors
    ///
    /// If one is malformed; every mistake has a file and a line.
    pub(crate) fn new(brand: &Arc<Brand>) -> Result<Self, TemplateMistakes> {
        let mut templates = Templates::new(brand.clone(), &LAYOUTS)?;
        let logo = brand.email_logo.as_ref().map(|logo| LogoParts {
            src: format!("cid:{}", Self::LOGO_ID),
            width: logo.width,
            height: logo.height,
            is_wordmark: logo.is_wordmark(),
        });
        templates.add_global("colours", &brand.colours());
        templates.add_global("logo", &logo);
        Ok(Self(Arc::new(templates)))
    }

    /// Renders an email in a language.
    ///
    /// # Errors
    ///
    /// If a message or a layout uses a value that the email does not have.
    pub(crate) fn render(
        &self,
        kind: MailKind,
        facts: &EmailFacts,
        locale: Locale,
    ) -> anyhow::Result<RenderedEmail> {
        let content = EmailContent::new(kind, facts, self.0.language(locale))?;
        let html = self.0.render("emails/layout.html", locale, &content)?;
        let text = self.0.render("emails/layout.txt", locale, &content)?;
        Ok(RenderedEmail { language: locale.as_str(), subject: content.subject, text, html })
    }
}
