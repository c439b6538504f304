//! Renders emails: one layout for HTML, one for text.

use std::sync::Arc;

use keyward_core::{
    brand::{Brand, Logo, TemplateMistakes},
    domain::MailKind,
    languages::Locale,
};
use minijinja::{Environment, Value, value::Serde};
use serde::Serialize;

use super::{EmailFacts, RenderedEmail, content::EmailContent};

/// The layouts, by the names of their files.
const LAYOUTS: [(&str, &str); 2] = [
    ("layout.html", include_str!("../../templates/emails/layout.html")),
    ("layout.txt", include_str!("../../templates/emails/layout.txt")),
];

/// Renders emails. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct EmailRenderer {
    pub(super) brand: Arc<Brand>,
    layouts: Arc<Environment<'static>>,
}

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
    pub(crate) fn new(brand: Arc<Brand>) -> Result<Self, TemplateMistakes> {
        let mut layouts = brand.templates.environment("emails", &LAYOUTS)?;
        let logo = brand.email_logo.as_ref().map(|logo: &Logo| LogoParts {
            src: format!("cid:{}", Self::LOGO_ID),
            width: logo.width,
            height: logo.height,
            is_wordmark: logo.is_wordmark(),
        });
        layouts.add_global("colours", Value::from(Serde(&brand.colours())));
        layouts.add_global("logo", Value::from(Serde(&logo)));
        Ok(Self { brand, layouts: Arc::new(layouts) })
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
        let content = EmailContent::new(kind, facts, self.brand.languages.get(locale))?;
        let value = Value::from(Serde(&content));
        let html = self.layouts.get_template("layout.html")?.render(value.clone())?;
        let text = self.layouts.get_template("layout.txt")?.render(value)?;
        Ok(RenderedEmail { language: locale.as_str(), subject: content.subject, text, html })
    }
}
