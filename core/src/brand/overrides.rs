//! Templates of a brand in place of shipped ones.

use std::{collections::BTreeSet, path::Path};

use minijinja::Error;

use super::{
    engine::environment,
    files::{entries, text},
};

/// The templates of a brand.
#[derive(Debug, Default)]
pub struct Overrides(Vec<Template>);

#[derive(Debug)]
struct Template {
    /// Its folder and the name of its file, such as `emails/layout.html`.
    name: String,
    /// As mistakes name it.
    path: String,
    text: String,
}

/// Every mistake in the templates of a brand, in one message.
#[derive(Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the templates in BRAND_DIR have {} mistake(s):\n  - {}", .0.len(), self.list())]
pub struct TemplateMistakes(BTreeSet<String>);

impl Overrides {
    /// Folders of templates: one for each program.
    const FOLDERS: [&str; 2] = ["emails", "pages"];

    /// Reads the folder `templates`. Checks the syntax of every template.
    pub(super) fn load(path: &Path, mistakes: &mut Vec<String>) -> Self {
        let mut overrides = Self::default();
        for (folder, path) in entries(path, mistakes) {
            if !Self::FOLDERS.contains(&folder.as_str()) {
                let folders = "templates has the folders emails and pages only";
                mistakes.push(format!("{}: is unknown; {folders}", path.display()));
                continue;
            }
            for (name, path) in entries(&path, mistakes) {
                let Some(text) = text(&path, mistakes) else { continue };
                let (name, path) = (format!("{folder}/{name}"), path.display().to_string());
                overrides.0.push(Template { name, path, text });
            }
        }
        for template in &overrides.0 {
            if let Err(error) = environment().add_template(&template.name, &template.text) {
                mistakes.push(overrides.explain(&error));
            }
        }
        overrides
    }

    /// The template that replaces the one of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|template| template.text.as_str())
    }

    /// Templates in the folder of these that replace none of them.
    pub(crate) fn unknown(&self, names: &[&str]) -> impl Iterator<Item = String> {
        let folder = names.first().and_then(|name| name.split_once('/')).map(|(folder, _)| folder);
        let is_there = move |name: &str| name.split('/').next() == folder;
        let unknown = self.0.iter().filter(move |own| is_there(&own.name));
        unknown.filter(move |own| !names.contains(&own.name.as_str())).map(move |own| {
            let names = names.iter().filter_map(|name| name.split('/').next_back());
            let names: Vec<_> = names.collect();
            format!("{}: replaces no template; there are {}", own.path, names.join(", "))
        })
    }

    /// A mistake in a template, with file and line.
    #[must_use]
    pub fn explain(&self, error: &Error) -> String {
        // The mistake in an included template is the source of that of the template around it.
        let inner = std::error::Error::source(error).and_then(|source| source.downcast_ref());
        if let Some(inner) = inner {
            return self.explain(inner);
        }
        let name = error.name().unwrap_or_default();
        let path = self.find(name).map_or(name, |own| own.path.as_str());
        let line = error.line().unwrap_or(1);
        match error.detail() {
            Some(detail) => format!("{path} line {line}: {}: {detail}", error.kind()),
            None => format!("{path} line {line}: {}", error.kind()),
        }
    }

    fn find(&self, name: &str) -> Option<&Template> {
        self.0.iter().find(|own| own.name == name)
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
