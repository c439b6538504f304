//! Templates of a brand in place of shipped ones.

use std::{collections::BTreeSet, path::Path};

use minijinja::{
    AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value, escape_formatter,
    syntax::SyntaxConfig,
};

use super::files::{entries, text};

/// The templates of a brand.
#[derive(Debug, Default)]
pub struct Templates(Vec<Template>);

#[derive(Debug)]
struct Template {
    folder: String,
    name: String,
    /// As mistakes name it.
    path: String,
    text: String,
}

/// Every mistake in the templates of a brand, in one message.
#[derive(Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the templates in BRAND_DIR have {} mistake(s):\n  - {}", .0.len(), self.list())]
pub struct TemplateMistakes(BTreeSet<String>);

impl Templates {
    /// Folders of templates: one for each program.
    const FOLDERS: [&str; 2] = ["emails", "pages"];

    /// Reads the folder `templates`. Checks the syntax of every template.
    pub(super) fn load(path: &Path, mistakes: &mut Vec<String>) -> Self {
        let mut templates = Self::default();
        for (folder, path) in entries(path, mistakes) {
            if !Self::FOLDERS.contains(&folder.as_str()) {
                let folders = "templates has the folders emails and pages only";
                mistakes.push(format!("{}: is unknown; {folders}", path.display()));
                continue;
            }
            for (name, path) in entries(&path, mistakes) {
                let Some(text) = text(&path, mistakes) else { continue };
                let path = path.display().to_string();
                templates.0.push(Template { folder: folder.clone(), name, path, text });
            }
        }
        for template in &templates.0 {
            let mut environment = environment();
            if let Err(error) = environment.add_template(&template.name, &template.text) {
                mistakes.push(templates.explain(&template.folder, &error));
            }
        }
        templates
    }

    /// The templates of a folder: shipped ones by name, and those of the brand in their place.
    ///
    /// # Errors
    ///
    /// If a template of the brand replaces none, or one is malformed.
    pub fn environment(
        &self,
        folder: &str,
        shipped: &[(&'static str, &'static str)],
    ) -> Result<Environment<'static>, TemplateMistakes> {
        let (mut environment, mut mistakes) = (environment(), TemplateMistakes::default());
        for (name, text) in shipped {
            let own = self.find(folder, name).map(|own| own.text.clone().into());
            let text: std::borrow::Cow<'static, str> = own.unwrap_or_else(|| (*text).into());
            if let Err(error) = environment.add_template_owned(*name, text) {
                mistakes.add(self.explain(folder, &error));
            }
        }
        for own in self.0.iter().filter(|own| own.folder == folder) {
            if !shipped.iter().any(|(name, _)| *name == own.name) {
                let names: Vec<_> = shipped.iter().map(|(name, _)| *name).collect();
                let names = names.join(", ");
                mistakes.add(format!("{}: replaces no template; there are {names}", own.path));
            }
        }
        mistakes.or(environment)
    }

    /// A mistake in a template of a folder, with file and line.
    #[must_use]
    pub fn explain(&self, folder: &str, error: &Error) -> String {
        let name = error.name().unwrap_or_default();
        let own = self.find(folder, name).map(|own| own.path.clone());
        let path = own.unwrap_or_else(|| format!("{folder}/{name}"));
        let line = error.line().unwrap_or(1);
        match error.detail() {
            Some(detail) => format!("{path} line {line}: {}: {detail}", error.kind()),
            None => format!("{path} line {line}: {}", error.kind()),
        }
    }

    fn find(&self, folder: &str, name: &str) -> Option<&Template> {
        self.0.iter().find(|own| own.folder == folder && own.name == name)
    }
}

impl TemplateMistakes {
    /// Adds one; the same mistake counts once.
    pub fn add(&mut self, mistake: String) {
        self.0.insert(mistake);
    }

    /// A value, unless there are mistakes.
    ///
    /// # Errors
    ///
    /// The mistakes.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    fn list(&self) -> String {
        self.0.iter().map(String::as_str).collect::<Vec<_>>().join("\n  - ")
    }
}

/// An environment in which an undefined value is a mistake.
fn environment<'a>() -> Environment<'a> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(write);
    // A line with nothing but a tag leaves no line behind. Its delimiters are the usual ones.
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment
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
