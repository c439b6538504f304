//! Renders emails: one layout for HTML, one for text.

use std::sync::Arc;

use keyward_core::{
    domain::MailKind,
    languages::{Languages, Locale},
};
use minijinja::{
    AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value, escape_formatter,
    syntax::SyntaxConfig, value::Serde,
};

use super::{EmailFacts, RenderedEmail, content::EmailContent};

/// Renders emails. Cheap to clone.
#[derive(Clone)]
pub(crate) struct EmailRenderer(Arc<Parts>);

struct Parts {
    languages: Languages,
    layouts: Environment<'static>,
}

impl EmailRenderer {
    /// Parses the messages and the layouts.
    ///
    /// # Errors
    ///
    /// If one is malformed; the error names file and line.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut layouts = Environment::new();
        layouts.set_undefined_behavior(UndefinedBehavior::Strict);
        layouts.set_formatter(write);
        // A line with nothing but a tag leaves no line behind.
        layouts.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        layouts.add_template("layout.html", include_str!("../../templates/emails/layout.html"))?;
        layouts.add_template("layout.txt", include_str!("../../templates/emails/layout.txt"))?;
        Ok(Self(Arc::new(Parts { languages: Languages::load()?, layouts })))
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
        let Parts { languages, layouts } = &*self.0;
        let content = EmailContent::new(kind, facts, languages.get(locale))?;
        let value = Value::from(Serde(&content));
        let html = layouts.get_template("layout.html")?.render(value.clone())?;
        let text = layouts.get_template("layout.txt")?.render(value)?;
        Ok(RenderedEmail { language: locale.as_str(), subject: content.subject, text, html })
    }
}

impl std::fmt::Debug for EmailRenderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmailRenderer")
    }
}

/// Writes a value. In HTML it is escaped, but not its slashes, as minijinja would do: gateways that rewrite
/// links have to recognise them.
fn write(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if *state.auto_escape() == AutoEscape::Html && !value.is_safe() => {
            for c in text.chars() {
                match c {
                    '&' => out.write_str("&amp;"),
                    '<' => out.write_str("&lt;"),
                    '>' => out.write_str("&gt;"),
                    '"' => out.write_str("&quot;"),
                    '\'' => out.write_str("&#39;"),
                    _ => out.write_fmt(format_args!("{c}")),
                }?;
            }
            Ok(())
        }
        _ => escape_formatter(out, state, value),
    }
}
