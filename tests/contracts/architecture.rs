//! The structure of the source tree. `rules.rs` proves each rule with a planted violation.

use std::{fs, process::Command};

use crate::{
    rules::{
        Layer, import_cycle, imports_of, longer_than, naming, nonstandard_words, percentile,
        second_module_style, unfinished,
    },
    sources::{Sources, root},
};

const PRODUCT: [&str; 4] = ["api/src", "core/src", "migrations/src", "worker/src"];

/// What each layer may import from its own crate.
const LAYERS: [Layer; 16] = [
    Layer { package: "api", module: "http", may_import: &[] },
    Layer { package: "core", module: "domain", may_import: &["error"] },
    Layer { package: "core", module: "error", may_import: &[] },
    Layer { package: "core", module: "languages", may_import: &["error"] },
    Layer { package: "core", module: "templates", may_import: &["brand", "languages"] },
    Layer { package: "core", module: "origin", may_import: &["domain"] },
    Layer { package: "core", module: "brand", may_import: &["languages"] },
    Layer { package: "core", module: "settings", may_import: &["brand", "domain", "languages"] },
    Layer { package: "core", module: "events", may_import: &["domain", "error", "origin"] },
    Layer {
        package: "core",
        module: "infra",
        may_import: &["domain", "error", "events", "origin", "settings"],
    },
    Layer { package: "core", module: "pipeline", may_import: &["domain", "error", "events"] },
    Layer {
        package: "core",
        module: "app",
        may_import: &["domain", "error", "events", "infra", "origin", "pipeline", "settings"],
    },
    Layer {
        package: "core",
        module: "store",
        may_import: &[
            "administrator",
            "app",
            "domain",
            "error",
            "events",
            "infra",
            "languages",
            "origin",
        ],
    },
    Layer {
        package: "core",
        module: "commands",
        may_import: &[
            "administrator",
            "app",
            "domain",
            "error",
            "events",
            "infra",
            "languages",
            "origin",
            "reauthentication",
            "settings",
            "store",
        ],
    },
    Layer {
        package: "core",
        module: "queries",
        may_import: &["administrator", "app", "domain", "error", "infra"],
    },
    // Metrics do not import what they measure.
    Layer { package: "core", module: "infra/metrics", may_import: &["error"] },
];

#[track_caller]
fn assert_none(violations: Vec<String>) {
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn every_layer_imports_only_what_it_may() {
    let sources = Sources::below(&PRODUCT);

    assert_none(LAYERS.iter().flat_map(|layer| layer.violations(&sources)).collect());
}

#[test]
fn imports_have_no_cycle() {
    let sources = Sources::below(&PRODUCT);

    assert_none(["core", "api", "worker"].map(|package| import_cycle(&sources, package)).concat());
}

#[test]
fn only_the_root_of_the_api_imports_routes() {
    assert_none(imports_of(&Sources::below(&["api/src"]), "api", "routes"));
}

#[test]
fn nothing_in_the_worker_imports_ops() {
    assert_none(imports_of(&Sources::below(&["worker/src"]), "worker", "ops"));
}

#[test]
fn the_domain_uses_no_client_library() {
    assert_none(naming(&Sources::below(&["core/src"]), "core/src/domain", &["sqlx", "redis"]));
}

#[test]
fn the_core_uses_no_transport() {
    let transports = [
        "poem",
        "poem_openapi",
        "async_nats",
        "apalis",
        "apalis_postgres",
        "lettre",
        "reqwest",
        "hyper",
        "keyward_api",
        "keyward_worker",
    ];

    assert_none(naming(&Sources::below(&["core/src"]), "core/src", &transports));
}

#[test]
fn only_the_queue_uses_apalis() {
    let sources = Sources::below(&["worker/src"]);
    let found = naming(&sources, "worker/src", &["apalis", "apalis_postgres"]);

    assert_none(found.into_iter().filter(|file| !file.starts_with("worker/src/queue/")).collect());
}

#[test]
fn every_job_denies_unknown_members() {
    let sources = Sources::below(&["worker/src/jobs"]);
    let count = |text: &str, words: &str| text.matches(words).count();

    for (path, text) in sources.iter() {
        assert_eq!(count(text, "deny_unknown_fields"), count(text, "impl Job for"), "{path}");
    }
}

#[test]
fn queries_do_not_write() {
    let words = ["app.write", "begin", "insert into", "update", "delete from"];
    let sources = Sources::below(&["core/src"]);
    let mut violations = Vec::new();
    for (file, text) in sources.under("core/src/queries") {
        // The SQL is in string literals.
        let code: String = text.lines().filter(|line| !line.trim().starts_with("//")).collect();
        let found = words.iter().filter(|word| crate::sources::names(&code, word));
        violations.extend(found.map(|word| format!("{file} has {word}")));
    }
    assert_none(violations);
}

#[test]
fn every_use_case_is_named_like_its_file() {
    let sources = Sources::below(&["core/src"]);
    for kind in ["core/src/commands", "core/src/queries"] {
        for (file, text) in sources.under(kind) {
            let stem = file.rsplit('/').next().unwrap().trim_end_matches(".rs");
            let name = text.split_once("const NAME: &'static str = \"").map(|(_, rest)| rest);
            let Some(name) = name.and_then(|rest| rest.split('"').next()) else {
                continue;
            };
            assert_eq!(name, stem, "{file}");
        }
    }
}

#[test]
fn modules_have_one_style() {
    assert_none(second_module_style(&Sources::below(&PRODUCT)));
    assert_none(second_module_style(&Sources::below(&["tests"])));
}

#[test]
fn nothing_is_unfinished() {
    assert_none(unfinished(&Sources::below(&PRODUCT)));
    assert_none(unfinished(&Sources::below(&["tests"])));
}

#[test]
fn files_are_short() {
    let (product, tests) = (Sources::below(&PRODUCT), Sources::below(&["tests"]));

    assert_none(longer_than(&product, 300));
    assert_none(longer_than(&tests, 300));
    assert!(percentile(&product, 50) <= 90, "median: {}", percentile(&product, 50));
    assert!(percentile(&product, 90) <= 200, "p90: {}", percentile(&product, 90));
}

#[test]
fn texts_use_standard_terms() {
    let listed = Command::new("git").current_dir(root()).args(["ls-files", "-z"]).output().unwrap();
    let mut violations = Vec::new();
    for file in String::from_utf8(listed.stdout).unwrap().split_terminator('\0') {
        // Files that are no text, and texts of others.
        if let Ok(text) = fs::read_to_string(root().join(file)) {
            violations.extend(nonstandard_words(file, &text));
        }
    }
    assert_none(violations);
}
