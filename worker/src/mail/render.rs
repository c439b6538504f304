//! Renders emails: one layout for HTML, one for text.

use std::sync::Arc;

use keyward_core::{
    domain::MailKind,
    languages::{Languages, Locale},
    templates::Templates,
};

use super::{EmailFacts, RenderedEmail, content::EmailContent};

const LAYOUTS: [(&str, &str); 2] = [
    ("layout.html", include_str!("../../templates/emails/layout.html")),
    ("layout.txt", include_str!("../../templates/emails/layout.txt")),
];

/// Renders emails. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct EmailRenderer(Arc<Templates>);

impl EmailRenderer {
    /// Parses the messages and the layouts.
    ///
    /// # Errors
    ///
    /// If one is malformed; the error names file and line.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Templates::new(Languages::load()?, LAYOUTS)?)))
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
        let html = self.0.render("layout.html", locale, &content)?;
        let text = self.0.render("layout.txt", locale, &content)?;
        Ok(RenderedEmail { language: locale.as_str(), subject: content.subject, text, html })
    }
}
