//! Imports between the files of a crate.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::sources::{Sources, code};

/// The path of a module in its crate; empty for the root.
pub(crate) type Module = Vec<String>;

/// The files of a crate and their imports of each other. A re-exported name counts as imported from
/// the file that defines it.
#[derive(Debug)]
pub(crate) struct Imports {
    modules: BTreeMap<Module, Source>,
    edges: BTreeMap<Module, BTreeSet<Module>>,
}

#[derive(Debug, Default)]
struct Source {
    /// Every path into the crate, as written.
    paths: Vec<Path>,
    /// Names that `use` imports, and their paths.
    names: BTreeMap<String, Vec<String>>,
}

#[derive(Debug)]
struct Path {
    segments: Vec<String>,
    /// `pub use`: exposes a name without using it.
    is_reexport: bool,
}

impl Imports {
    /// Reads the crate in `<name>/src`, without `main.rs` and tests.
    pub(crate) fn of(sources: &Sources, name: &str) -> Self {
        let mut modules = BTreeMap::new();
        let folder = format!("{name}/src");
        for (path, text) in sources.under(&folder) {
            let stem = path[folder.len() + 1..].trim_end_matches(".rs");
            let mut module: Module = stem.split('/').map(str::to_owned).collect();
            if module.iter().any(|name| name == "tests") || module == ["main"] {
                continue;
            }
            if module == ["lib"] || module.last().is_some_and(|last| last == "mod") {
                module.pop();
            }
            modules.insert(module, source(&code(text)));
        }
        let mut imports = Self { modules, edges: BTreeMap::new() };
        for (module, source) in &imports.modules {
            let targets = source.paths.iter().filter_map(|path| {
                let target = imports.resolve(imports.absolute(module, &path.segments)?, 0);
                let is_own_child = path.is_reexport && target.starts_with(module);
                (target != *module && !is_own_child).then_some(target)
            });
            let targets = targets.collect();
            imports.edges.insert(module.clone(), targets);
        }
        imports
    }

    /// Every import: from, to.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Module, &Module)> {
        self.edges.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to)))
    }

    /// The shortest cycle of imports, if there is one.
    pub(crate) fn cycle(&self) -> Option<Vec<Module>> {
        self.modules.keys().filter_map(|start| self.cycle_from(start)).min_by_key(Vec::len)
    }

    fn cycle_from(&self, start: &Module) -> Option<Vec<Module>> {
        let mut paths = VecDeque::from([vec![start.clone()]]);
        let mut seen = BTreeSet::new();
        while let Some(path) = paths.pop_front() {
            for next in &self.edges[path.last()?] {
                let mut longer = path.clone();
                longer.push(next.clone());
                if next == start {
                    return Some(longer);
                }
                if seen.insert(next) {
                    paths.push_back(longer);
                }
            }
        }
        None
    }

    /// A path from the root of the crate; none if it leads into another crate.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Module> {
        let mut at = module.clone();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => return Some(rest[1..].to_vec()),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|first| first == "super") {
                    at.pop();
                    rest = &rest[1..];
                }
            }
            child => {
                let child = [&at[..], &[child.to_owned()]].concat();
                self.modules.contains_key(&child).then_some(())?;
            }
        }
        Some([&at[..], rest].concat())
    }

    /// The module that defines the item at a path.
    fn resolve(&self, path: Module, depth: usize) -> Module {
        let is_module = |length: &usize| self.modules.contains_key(&path[..*length]);
        let length = (0..=path.len()).rev().find(is_module).unwrap_or(0);
        let (module, rest) = (path[..length].to_vec(), &path[length..]);
        let imported = rest.first().and_then(|name| self.modules.get(&module)?.names.get(name));
        // A cycle of re-exports does not compile; planted trees may have one.
        match imported.and_then(|from| self.absolute(&module, from)) {
            Some(from) if depth < 8 && from != path => self.resolve(from, depth + 1),
            _ => module,
        }
    }
}

/// Reads the imports of a file.
fn source(code: &str) -> Source {
    let mut source = Source::default();
    let mut body = String::new();
    for statement in code.split_inclusive(';') {
        let Some((before, tree)) = split_use(statement) else {
            body.push_str(statement);
            continue;
        };
        let head = before.trim_end_matches(' ');
        let is_reexport = head.ends_with("pub") || head.ends_with(')');
        body.push_str(before);
        for (segments, name) in leaves(tree) {
            source.names.insert(name, segments.clone());
            source.paths.push(Path { segments, is_reexport });
        }
    }
    let is_in_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    for word in without_visibilities(&body).split(|c| !is_in_path(c)) {
        if ["crate::", "super::", "self::"].iter().any(|start| word.starts_with(start)) {
            source.paths.push(Path { segments: segments(word), is_reexport: false });
        }
    }
    source
}

/// Removes `pub(in path)`, whose path imports nothing.
fn without_visibilities(code: &str) -> String {
    let mut parts = code.split("pub(in ");
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.filter_map(|part| Some(part.split_once(')')?.1)).collect::<String>()
}

/// Splits a statement that ends with a `use` declaration: the text before it, and its tree.
fn split_use(statement: &str) -> Option<(&str, &str)> {
    let at = statement.rfind("use ")?;
    let before = &statement[..at];
    let head = before.trim_end_matches(' ');
    let begins_here = head.is_empty() || head.ends_with(['\n', ')']) || head.ends_with("pub");
    let tree = statement[at..].trim_start_matches("use ").trim_end_matches(';');
    (begins_here && !tree.contains('(')).then_some((before, tree))
}

/// The leaves of a `use` tree: path and local name.
fn leaves(tree: &str) -> Vec<(Vec<String>, String)> {
    let tree = tree.trim();
    let Some((prefix, group)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(p, a)| (p, Some(a)));
        let mut segments = segments(path);
        segments.pop_if(|last| last == "self" && path != "self");
        let name = alias.map(|alias| alias.trim().to_owned());
        let name = name.or_else(|| segments.last().cloned()).unwrap_or_default();
        return vec![(segments, name)];
    };
    let mut depth = 0;
    let parts = group.strip_suffix('}').unwrap_or(group).split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    let parts = parts.map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(|part| leaves(&format!("{}{part}", prefix.trim()))).collect()
}

fn segments(path: &str) -> Vec<String> {
    path.split("::").map(|segment| segment.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(files: &[(&str, &str)]) -> Vec<String> {
        let imports = Imports::of(&Sources::planted(files), "core");
        imports.all().map(|(from, to)| format!("{} -> {}", from.join("/"), to.join("/"))).collect()
    }

    #[test]
    fn imports_are_read_from_trees_paths_and_re_exports() {
        let found = edges(&[
            ("core/src/lib.rs", "pub mod a;\npub use error::{Error, Result};"),
            ("core/src/error.rs", "pub struct Error;"),
            ("core/src/a/mod.rs", "mod b;\nmod c;\npub use b::Thing;\npub(crate) use c::Other;"),
            (
                "core/src/a/b.rs",
                "use super::{Other, c::*};\nuse crate::{Result, a::c::{self, X as Y}};",
            ),
            ("core/src/a/c.rs", "//! crate::error\nfn f() -> crate::Error { g() }"),
            ("core/src/d.rs", "use std::fmt;\npub(in super::error) use crate::a::Thing;"),
            ("core/src/tests.rs", "use crate::d;"),
        ]);

        assert_eq!(found, ["a/b -> a/c", "a/b -> error", "a/c -> error", "d -> a/b"]);
    }
}
