use crate::sources::{below, code, names, root};

/// Longest file, its tests not counted.
const MAX_LINES: usize = 300;

#[track_caller]
fn none_names(folder: &str, words: &[&str]) {
    for (file, text) in below(folder) {
        let code = code(&text);
        for word in words {
            assert!(!names(&code, word), "{file} names {word}");
        }
    }
}

#[test]
fn commands_and_queries_do_not_know_each_other() {
    none_names("core/src/commands", &["crate::queries", "queries"]);
    none_names("core/src/queries", &["crate::commands", "commands", "crate::store", "store"]);
}

#[test]
fn values_know_no_use_case_and_no_server() {
    let words =
        ["crate::app", "crate::store", "crate::commands", "crate::queries", "sqlx", "redis"];
    none_names("core/src/domain", &words);
}

#[test]
fn the_core_knows_no_transport() {
    let transports = ["poem", "poem_openapi", "async_nats", "apalis", "apalis_postgres", "lettre"];
    none_names("core/src", &transports);
    none_names("core/src", &["reqwest", "hyper", "keyward_api", "keyward_worker"]);
    none_depends("core", &["poem", "async-nats", "apalis", "lettre", "reqwest", "keyward-"]);
}

#[track_caller]
fn none_depends(package: &str, on: &[&str]) {
    let manifest = root().join(package).join("Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let (_, dependencies) = manifest.split_once("[dependencies]").unwrap();
    for line in dependencies.lines() {
        assert!(!on.iter().any(|name| line.starts_with(name)), "{package} depends on {line}");
    }
}

#[test]
fn api_and_worker_do_not_know_each_other() {
    none_depends("api", &["keyward-worker", "apalis", "lettre", "sqlx", "redis"]);
    none_depends("worker", &["keyward-api", "poem-openapi", "redis"]);
}

#[test]
fn one_place_knows_the_queue_library() {
    for (file, text) in below("worker/src") {
        let code = code(&text);
        let knows = names(&code, "apalis") || names(&code, "apalis_postgres");
        assert!(!knows || file.starts_with("worker/src/queue"), "{file}");
    }
}

#[test]
fn queries_read_on_connections_that_cannot_write() {
    for (file, text) in below("core/src/queries") {
        let code = code(&text);
        for word in ["app.write", "begin", "insert into", "update", "delete from"] {
            assert!(!names(&code, word), "{file} names {word}");
        }
    }
}

#[test]
fn every_use_case_is_named_like_its_file() {
    for kind in ["commands", "queries"] {
        for (file, text) in below(&format!("core/src/{kind}")) {
            let stem = file.rsplit('/').next().unwrap().trim_end_matches(".rs");
            let name = text.split_once("const NAME: &'static str = \"").map(|(_, rest)| rest);
            let Some(name) = name.and_then(|rest| rest.split('"').next()) else { continue };
            assert_eq!(name, stem, "{file}");
        }
    }
}

#[test]
fn no_file_is_longer_than_one_can_read() {
    for folder in ["core", "api", "worker", "migrations", "tests"] {
        for (file, text) in below(folder) {
            let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
            assert!(lines <= MAX_LINES, "{file} has {lines} lines");
        }
    }
}
