//! What the documents say about the repository: its paths, its dependencies, the length of the README.

use std::{collections::BTreeSet, fs, path::PathBuf};

use crate::sources::root;

/// Paths of decisions that are not implemented yet.
const PLANNED: [&str; 0] = [];

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The dependencies of the workspace, its own packages excepted.
fn dependencies() -> BTreeSet<String> {
    let manifest = read("Cargo.toml");
    let (_, section) = manifest.split_once("[workspace.dependencies]\n").unwrap();
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines
        .filter(|line| !line.starts_with('#') && !line.contains("path = "))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The crates that have a row in the handbook.
fn documented() -> BTreeSet<String> {
    let page = read("docs/contribute/dependencies.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split_once("` | ").unwrap().0.to_owned()).collect()
}

#[test]
fn the_handbook_gives_a_reason_for_every_dependency() {
    let (used, documented) = (dependencies(), documented());
    assert!(used.len() > 30, "Cargo.toml was not understood");

    let missing: Vec<_> = used.difference(&documented).collect();
    let gone: Vec<_> = documented.difference(&used).collect();

    assert!(missing.is_empty(), "docs/contribute/dependencies.md lacks {missing:?}");
    assert!(gone.is_empty(), "docs/contribute/dependencies.md names {gone:?}, which are not used");
}

/// Every page of the handbook and the documents beside the README. Decisions are history.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root().join(name)).into();
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("adr") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

#[test]
fn every_path_that_a_document_names_exists() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let quoted = text.split('`').filter(|part| {
            let is_path = ["api/", "core/", "deploy/", "docs/", "migrations/", "tests/", "worker/"]
                .iter()
                .any(|folder| part.starts_with(folder));
            is_path && !part.contains(['<', ' ', '\n'])
        });
        for path in quoted {
            let exists = root().join(path).exists();
            assert_eq!(exists, !PLANNED.contains(&path), "{}: {path}", page.display());
        }
    }
}

#[test]
fn the_readme_has_at_most_150_lines() {
    let lines = read("README.md").lines().count();

    assert!(lines <= 150, "README.md has {lines} lines; details belong in the handbook");
}
