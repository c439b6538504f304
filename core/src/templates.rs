//! Templates of emails and pages, in the language of their reader.

use std::{borrow::Cow, sync::Arc};

use anyhow::Context as _;
use minijinja::{
    Environment, Error, ErrorKind, Value, context,
    value::{Kwargs, Serde},
};
use serde::Serialize;

use crate::{
    brand::{Brand, TemplateMistakes, engine::environment},
    languages::{Language, Locale},
};

/// Templates and the messages that they show. Everything is parsed once, so rendering reads no file.
///
/// A template whose name ends in `.html` escapes values. Besides its own values it has `language` (a
/// tag), `direction` (`ltr` or `rtl`) and `text(id, name=value)`: what a message says. `product`, if it
/// is among the values, is a variable of every message.
pub struct Templates {
    brand: Arc<Brand>,
    environment: Environment<'static>,
}

impl Templates {
    /// Parses the templates of a folder, by names such as `pages/layout.html`. Those of the brand replace
    /// shipped ones.
    ///
    /// # Errors
    ///
    /// If a template of the brand replaces none, or one is malformed. Every mistake has a file and a line.
    pub fn new(
        brand: Arc<Brand>,
        shipped: &[(&'static str, &'static str)],
    ) -> Result<Self, TemplateMistakes> {
        let (mut environment, mut mistakes) = (environment(), TemplateMistakes::default());
        for (name, text) in shipped {
            let own = brand.templates.get(name).map(|own| Cow::Owned(own.to_owned()));
            let text = own.unwrap_or(Cow::Borrowed(*text));
            if let Err(error) = environment.add_template_owned(*name, text) {
                mistakes.add(brand.templates.explain(&error));
            }
        }
        let names: Vec<_> = shipped.iter().map(|(name, _)| *name).collect();
        brand.templates.unknown(&names).for_each(|mistake| mistakes.add(mistake));
        mistakes.or(Self { brand, environment })
    }

    /// Gives every template a value.
    pub fn add_global(&mut self, name: &'static str, value: &impl Serialize) {
        self.environment.add_global(name, Value::from(Serde(value)));
    }

    /// The brand.
    #[must_use]
    pub fn brand(&self) -> &Brand {
        &self.brand
    }

    /// The messages of a language.
    #[must_use]
    pub fn language(&self, locale: Locale) -> Language<'_> {
        self.brand.languages.get(locale)
    }

    /// Why a template was not rendered, with file and line if it is its mistake.
    #[must_use]
    pub fn explain(&self, error: &anyhow::Error) -> String {
        match error.downcast_ref() {
            Some(error) => self.brand.templates.explain(error),
            None => format!("{error:#}"),
        }
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
        let brand = Arc::clone(&self.brand);
        let text = move |id: String, values: Kwargs| {
            text(brand.languages.get(locale), &product, &id, &values)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rendered(source: &'static str, locale: &str) -> anyhow::Result<String> {
        let brand = Brand::shipped(&mut Vec::new());
        let locale = brand.languages.locales.get(locale).unwrap();
        let templates = Templates::new(brand.into(), &[("pages/a.html", source)])?;
        templates.render("pages/a.html", locale, &json!({"product": "<Acme>"}))
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
            let is_found =
                ["a.html:2", "pages/a.html line 2: "].iter().any(|at| error.contains(at));
            assert!(is_found, "{mistake}: {error}");
        }
    }
}
