//! The source files of the workspace, as the tests of its structure read them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Rust files with their text, by path from the root of the workspace.
#[derive(Debug)]
pub(crate) struct Sources(BTreeMap<String, String>);

impl Sources {
    /// All files below some folders of the workspace.
    pub(crate) fn below(folders: &[&str]) -> Self {
        let mut files = BTreeMap::new();
        let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                    files.insert(name, fs::read_to_string(&path).unwrap());
                }
            }
        }
        assert!(!files.is_empty(), "{folders:?} have no sources");
        Self(files)
    }

    /// A small tree with a planted violation.
    pub(crate) fn planted(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    /// Path and text of each file, in order of their paths.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The same for the files below one folder.
    pub(crate) fn under(&self, folder: &str) -> impl Iterator<Item = (&str, &str)> {
        let folder = format!("{folder}/");
        self.iter().filter(move |(path, _)| path.starts_with(&folder))
    }
}

/// The product's part of a file: without the test module at its end, comments and the content of
/// string literals.
pub(crate) fn code(text: &str) -> String {
    let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut code = String::with_capacity(product.len());
    let mut rest = product;
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("r#\"") {
            rest.find("\"#").map_or(rest.len(), |end| end + 2)
        } else if next == '"' {
            end_of_string(rest)
        } else {
            code.push(next);
            // The quotation mark as a character literal starts no string.
            if rest.starts_with("'\"'") { 3 } else { next.len_utf8() }
        };
        rest = &rest[skipped..];
    }
    code
}

/// Length of the string literal at the start of a text, quotation marks included.
fn end_of_string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !is_escaped => return at + 1,
            _ => is_escaped = c == '\\' && !is_escaped,
        }
    }
    text.len()
}

/// Whether code contains a name as a whole word.
pub(crate) fn names(code: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Compares a file with its expected content, or updates it.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "insta's variable is not a setting of Keyward")]
pub(crate) fn check_generated(file: &str, expected: &str) {
    let path = root().join(file);
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found != expected && std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        return fs::write(path, expected).unwrap();
    }
    assert!(found == expected, "{file} is out of date: run this test with INSTA_UPDATE=always");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_what_remains_without_comments_strings_and_tests() {
        let text = "let url = \"http://x\"; // sqlx\nlet q = '\"'; use a;\n\
                    let r = r#\"a \"b\" c\"#; let s = \"\\\"sqlx\";\n#[cfg(test)]\nmod tests {}";

        assert_eq!(code(text), "let url = ; \nlet q = '; use a;\nlet r = ; let s = ;\n");
    }

    #[test]
    fn a_name_is_a_whole_word() {
        assert!(names("use sqlx::query;", "sqlx"));
        assert!(!names("use sqlx_core;", "sqlx"));
    }
}
