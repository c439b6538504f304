use std::fs;

use crate::sources::root;

fn migrations() -> Vec<(String, String)> {
    let folder = fs::read_dir(root().join("migrations/sql")).unwrap();
    let mut files: Vec<_> = folder
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn migrations_are_named_by_time_and_subject() {
    for (file, _) in migrations() {
        let (time, about) = file.split_once('_').unwrap();
        assert!(time.len() == 14 && time.bytes().all(|b| b.is_ascii_digit()), "{file}");
        assert!(about.ends_with(".sql") && !about.contains(".down"), "{file}: forward only");
    }
}

#[test]
fn keywords_are_lower_case() {
    for (file, text) in migrations() {
        let without_texts = text.split('\'').step_by(2).collect::<String>();
        let code = without_texts.lines().map(|line| line.split("--").next().unwrap_or_default());
        for line in code {
            assert!(!line.chars().any(|c| c.is_ascii_uppercase()), "{file}: {line}");
        }
    }
}

#[test]
fn every_table_has_a_comment() {
    let all: String = migrations().into_iter().map(|(_, text)| text).collect();

    for rest in all.split("create table ").skip(1) {
        let table = rest.split_whitespace().next().unwrap();
        assert!(all.contains(&format!("comment on table {table} is")), "{table}");
    }
}
