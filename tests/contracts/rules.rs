//! The rules of the architecture: functions from sources to violations.

use crate::{
    imports::{Imports, Module},
    sources::{Sources, code, names},
};

/// What a module of a crate may import from the same crate, besides itself.
pub(crate) struct Layer {
    pub(crate) package: &'static str,
    pub(crate) module: &'static str,
    pub(crate) may_import: &'static [&'static str],
}

impl Layer {
    /// Imports that this layer does not allow.
    pub(crate) fn violations(&self, sources: &Sources) -> Vec<String> {
        let layer: Vec<&str> = self.module.split('/').collect();
        let is_allowed = |to: &Module| {
            let allowed = self.may_import.iter().map(|module| module.split('/').collect());
            allowed.chain([layer.clone()]).any(|module: Vec<&str>| is_within(to, &module))
        };
        let imports = Imports::of(sources, self.package);
        let violations =
            imports.all().filter(|(from, to)| is_within(from, &layer) && !is_allowed(to));
        violations.map(|(from, to)| shown(self.package, from, to)).collect()
    }
}

/// Imports of a module from outside of it. The root of the crate may import it.
pub(crate) fn imports_of(sources: &Sources, package: &str, module: &str) -> Vec<String> {
    let module: Vec<&str> = module.split('/').collect();
    let imports = Imports::of(sources, package);
    let violations = imports.all().filter(|(from, to)| {
        is_within(to, &module) && !is_within(from, &module) && !from.is_empty()
    });
    violations.map(|(from, to)| shown(package, from, to)).collect()
}

/// The shortest cycle of imports between the files of a crate.
pub(crate) fn import_cycle(sources: &Sources, package: &str) -> Vec<String> {
    let cycle = Imports::of(sources, package).cycle();
    let shown = |cycle: Vec<Module>| {
        let names: Vec<String> = cycle.iter().map(|module| module.join("::")).collect();
        format!("{package}: {}", names.join(" -> "))
    };
    cycle.map(shown).into_iter().collect()
}

fn is_within(module: &Module, folder: &[&str]) -> bool {
    module.len() >= folder.len() && module.iter().zip(folder).all(|(name, other)| name == other)
}

fn shown(package: &str, from: &Module, to: &Module) -> String {
    format!("{package}: {} imports {}", from.join("::"), to.join("::"))
}

/// Files below a folder whose code names one of these words.
pub(crate) fn naming(sources: &Sources, folder: &str, words: &[&str]) -> Vec<String> {
    let mut violations = Vec::new();
    for (file, text) in sources.under(folder) {
        let code = code(text);
        let named = words.iter().filter(|word| names(&code, word));
        violations.extend(named.map(|word| format!("{file} names {word}")));
    }
    violations
}

/// Modules that are both a file and a folder, or have a `#[path]`.
pub(crate) fn second_module_style(sources: &Sources) -> Vec<String> {
    let has_folder = |file: &str| {
        let folder = file.trim_end_matches(".rs");
        !file.ends_with("/mod.rs") && sources.under(folder).next().is_some()
    };
    let is_odd = |(file, text): &(&str, &str)| has_folder(file) || code(text).contains("#[path");
    sources.iter().filter(is_odd).map(|(file, _)| file.to_owned()).collect()
}

/// Lints that are switched off, and unfinished work.
pub(crate) fn unfinished(sources: &Sources) -> Vec<String> {
    // In parts, so that this file does not violate its own rule.
    let marks = [
        ["#[", "allow("].concat(),
        ["#![", "allow("].concat(),
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["unimplemented", "!("].concat(),
    ];
    let mut violations = Vec::new();
    for (file, text) in sources.iter() {
        let found = marks.iter().filter(|mark| text.contains(mark.as_str()));
        violations.extend(found.map(|mark| format!("{file} has {mark}")));
    }
    violations
}

/// Files with more than this number of lines.
pub(crate) fn longer_than(sources: &Sources, lines: usize) -> Vec<String> {
    let long = sources.iter().filter(|(_, text)| text.lines().count() > lines);
    long.map(|(file, text)| format!("{file} has {} lines", text.lines().count())).collect()
}

/// The length that a percentage of all files does not exceed.
pub(crate) fn percentile(sources: &Sources, percent: usize) -> usize {
    let mut lengths: Vec<usize> = sources.iter().map(|(_, text)| text.lines().count()).collect();
    lengths.sort_unstable();
    lengths[(lengths.len() * percent).div_ceil(100).saturating_sub(1)]
}

/// Words that the project does not use, with file and line.
pub(crate) fn nonstandard_words(file: &str, text: &str) -> Vec<String> {
    let mut violations = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.to_lowercase();
        let found = WORDS.iter().filter(|word| names(&line, &word.concat()));
        violations.extend(found.map(|word| format!("{file}:{}: {}", number + 1, word.concat())));
    }
    violations
}

/// In parts, so that this file does not violate its own rule.
const WORDS: [[&str; 2]; 9] = [
    ["who", "ever"],
    ["whom", "ever"],
    ["some", "body"],
    ["no", "body"],
    ["a", "new"],
    ["for so", " long"],
    ["once", " more"],
    ["given", " up"],
    ["good for", " nothing"],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// A small crate without a violation.
    const CLEAN: [(&str, &str); 4] = [
        ("core/src/lib.rs", "mod commands;\nmod domain;\nmod store;\npub use domain::Email;"),
        ("core/src/commands/register.rs", "use crate::{Email, store::users};"),
        ("core/src/domain.rs", "pub struct Email;"),
        ("core/src/store/users.rs", "use crate::Email;"),
    ];
    const COMMANDS: Layer =
        Layer { package: "core", module: "commands", may_import: &["domain", "store"] };

    fn with(file: &'static str, text: &'static str) -> Sources {
        let kept = CLEAN.iter().filter(|(path, _)| *path != file).copied();
        Sources::planted(&kept.chain([(file, text)]).collect::<Vec<_>>())
    }

    #[test]
    fn a_clean_tree_has_no_violations() {
        let clean = Sources::planted(&CLEAN);

        assert!(COMMANDS.violations(&clean).is_empty());
        assert!(import_cycle(&clean, "core").is_empty());
        assert!(second_module_style(&clean).is_empty());
        assert!(unfinished(&clean).is_empty());
    }

    #[test]
    fn a_forbidden_import_is_found() {
        for import in
            ["use crate::{queries::get_user, Email};", "fn f() { crate::queries::get_user(); }"]
        {
            let mut files = CLEAN.to_vec();
            files[1].1 = import;
            files.push(("core/src/queries/get_user.rs", ""));

            let found = COMMANDS.violations(&Sources::planted(&files));

            assert_eq!(found, ["core: commands::register imports queries::get_user"]);
        }
    }

    #[test]
    fn an_import_of_a_closed_module_is_found() {
        let sources = with("core/src/domain.rs", "use super::store::users;");

        let found = imports_of(&sources, "core", "store");

        assert_eq!(
            found,
            ["core: commands::register imports store::users", "core: domain imports store::users"]
        );
    }

    #[test]
    fn a_cycle_is_found_and_named() {
        let sources = with("core/src/domain.rs", "use crate::store::users;\npub struct Email;");

        let found = import_cycle(&sources, "core");

        assert_eq!(found, ["core: domain -> store::users -> domain"]);
    }

    #[test]
    fn a_library_is_found_in_code_only() {
        let sources = with("core/src/domain.rs", "// sqlx\nuse sqlx::query; // redis\n\"redis\"");

        let found = naming(&sources, "core/src", &["sqlx", "redis"]);

        assert_eq!(found, ["core/src/domain.rs names sqlx"]);
    }

    #[test]
    fn two_module_styles_are_found() {
        let beside = with("core/src/store.rs", "mod users;");
        let elsewhere = with("core/src/domain.rs", "#[path = \"x.rs\"]\nmod x;");

        assert_eq!(second_module_style(&beside), ["core/src/store.rs"]);
        assert_eq!(second_module_style(&elsewhere), ["core/src/domain.rs"]);
    }

    #[test]
    fn unfinished_work_is_found() {
        let text: &'static str = ["// TO", "DO: x"].concat().leak();

        assert_eq!(unfinished(&with("core/src/domain.rs", text)).len(), 1);
    }

    #[test]
    fn long_files_are_found() {
        let sources = with("core/src/domain.rs", "\n\n\n\n\n");

        assert_eq!(longer_than(&sources, 4), ["core/src/domain.rs has 5 lines"]);
        assert_eq!([percentile(&sources, 50), percentile(&sources, 100)], [1, 5]);
    }

    #[test]
    fn nonstandard_words_are_found_as_whole_words() {
        let text: String = WORDS.map(|word| word.concat() + "\n").concat().to_uppercase();

        assert_eq!(nonstandard_words("a.md", &text).len(), WORDS.len());
        assert!(nonstandard_words("a.md", "renewed, a new one, busybody's body").is_empty());
    }
}
