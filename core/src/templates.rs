//! Templates of emails and pages, in the language of their reader.

use std::{borrow::Cow, sync::Arc};

use anyhow::Context as _;
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, context,
    escape_formatter,
    syntax::SyntaxConfig,
    value::{Kwargs, Serde},
};
use serde::Serialize;

use crate::languages::{Language, Languages, Locale};

/// Templates and the messages that they show. Everything is parsed once, so rendering reads no file.
///
/// A template whose name ends in `.html` escapes values. Besides its own values it has `language` (a
/// tag), `direction` (`ltr` or `rtl`) and `text(id, name=value)`: what a message says. `product`, if it
/// is among the values, is a variable of every message.
pub struct Templates {
    languages: Arc<Languages>,
    environment: Environment<'static>,
}

impl Templates {
    /// Parses templates by name. Of two with one name, the later one counts.
    ///
    /// # Errors
    ///
    /// If one is malformed; the error names template and line.
    pub fn new<N, S>(
        languages: Languages,
        sources: impl IntoIterator<Item = (N, S)>,
    ) -> anyhow::Result<Self>
    where
        N: Into<Cow<'static, str>>,
        S: Into<Cow<'static, str>>,
    {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(write);
        // A line with nothing but a tag leaves no line behind.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
        environment.set_syntax(syntax);
        for (name, source) in sources {
            environment.add_template_owned(name, source)?;
        }
        Ok(Self { languages: Arc::new(languages), environment })
    }

    /// The messages of a language.
    #[must_use]
    pub fn language(&self, locale: Locale) -> Language<'_> {
        self.languages.get(locale)
    }

    /// Renders a template with values, in a language.
    ///
    /// # Errors
    ///
    /// If it uses a value or a message that does not exist.
    pub fn render(
        &self,
        name: &str,
        locale: Locale,
        values: &impl Serialize,
    ) -> anyhow::Result<String> {
        let values = Value::from(Serde(values));
        let product = values.get_attr("product")?.as_str().unwrap_or_default().to_owned();
        let languages = Arc::clone(&self.languages);
        let text = move |id: String, values: Kwargs| {
            text(languages.get(locale), &product, &id, &values)
                .map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("{error:#}")))
        };
        let context = context! {
            text => Value::from_function(text),
            language => locale.as_str(),
            direction => self.language(locale).direction(),
            ..values
        };
        let template = self.environment.get_template(name)?;
        template.render(context).with_context(|| format!("{name} in {}", locale.as_str()))
    }
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Templates")
    }
}

/// What a message says to a template.
fn text(
    language: Language<'_>,
    product: &str,
    id: &str,
    values: &Kwargs,
) -> anyhow::Result<String> {
    let mut all = vec![("product", product.to_owned())];
    for name in values.args() {
        let value: Value = values.get(name)?;
        all.push((name, value.to_string()));
    }
    language.text(id, &language.arguments(all))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rendered(source: &'static str, locale: &str) -> anyhow::Result<String> {
        let sources = [("a.html", "an earlier one"), ("a.html", source)];
        let templates = Templates::new(Languages::load()?, sources)?;
        let values = json!({"product": "<Acme>"});
        templates.render("a.html", locale.parse().map_err(anyhow::Error::msg)?, &values)
    }

    #[test]
    fn messages_have_the_product_and_values_and_are_escaped() {
        let onward = "{{ text('page-onward') }} {{ text('page-password-missing', count=1) }}";
        assert_eq!(
            rendered(onward, "en").unwrap(),
            "Continue to &lt;Acme&gt; 1 more character needed"
        );
        let hebrew = rendered(onward, "he").unwrap();
        assert!(hebrew.contains("\u{2068}&lt;Acme&gt;\u{2069}"), "{hebrew}");
        assert_eq!(rendered("{{ language }} {{ direction }}", "he").unwrap(), "he rtl");
        assert_eq!(rendered("{{ 'a/b' }}", "en").unwrap(), "a/b");
    }

    #[test]
    fn a_mistake_names_template_and_line() {
        for mistake in [
            "\n{{ text('nothing') }}",
            "\n{{ text('page-password-missing') }}",
            "\n{{ unknown }}",
            "\n{% if %}",
        ] {
            let error = format!("{:#}", rendered(mistake, "de").unwrap_err());
            assert!(error.contains("a.html:2"), "{mistake}: {error}");
        }
    }
}
