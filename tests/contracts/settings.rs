//! `.env.example` and `docs/operate/configuration.md` are generated from the table of settings.
//!
//! `INSTA_UPDATE=always` writes them, as it does with snapshots.

use std::fmt::Write as _;

use keyward_core::settings::{Setting, Settings};

use crate::sources::check_generated;

const EXAMPLE_HEAD: &str = "\
# All settings of Keyward with their defaults, generated from core/src/settings/table.rs. `make up`
# copies this file to .env and replaces each change-me with 32 random bytes. Variables of the
# environment take precedence over .env. To read a secret X from a file, set X_FILE to its path.
";

const EXAMPLE_FOOT: &str = "
# -- docker-compose.yml only ---------------------------------------------------------------------
# Passwords of its servers. Use letters and digits, because the passwords are parts of URLs.
# docs/start/docker.md has the commands that generate them.
# POSTGRES_PASSWORD=change-me
# REDIS_PASSWORD=change-me
# NATS_PASSWORD=change-me
";

const PAGE_HEAD: &str = "\
# Configuration

Every setting is an environment variable. The programs also read `.env` in their working directory; the environment takes
precedence. To read a secret `X` from a file, set `X_FILE` to its path.

If a setting is invalid, no program or command starts; the message lists all mistakes, with the line for those in `.env`. Unknown
names are mistakes, too: all names in `.env` except those of Docker Compose and of libraries (`OTEL_..`, `SSL_CERT_..`), and names
in the environment that resemble a setting (`RATE_LIMT_ENABLED`). `migrate` checks the same, but requires only `DATABASE_URL`.

[`.env.example`](../../.env.example) lists every setting with its default. `make up` copies it to `.env` and generates
keys. `openssl rand -base64 32` generates a key; [Rotate keys](rotate-keys.md) explains how to replace one.

This page is generated from `core/src/settings/table.rs`.
";

const PAGE_FOOT: &str = "
## Docker Compose

[`docker-compose.yml`](../../docker-compose.yml) reads three more variables, for the servers that it starts:
`POSTGRES_PASSWORD`, `REDIS_PASSWORD` and `NATS_PASSWORD`. Use letters and digits only.
";

/// Wraps text into lines of at most 100 columns that begin with `prefix`.
fn wrapped(text: &str, prefix: &str) -> String {
    let mut lines = String::new();
    let mut line = prefix.to_owned();
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > 100 {
            lines += &format!("{line}\n");
            line = prefix.to_owned();
        }
        line += &format!(" {word}");
    }
    lines + &line + "\n"
}

/// The settings in their sections.
fn sections() -> Vec<(&'static str, Vec<Setting>)> {
    let mut sections: Vec<(&str, Vec<Setting>)> = Vec::new();
    for setting in Settings::table() {
        match sections.last_mut() {
            Some((title, settings)) if *title == setting.section => settings.push(setting),
            _ => sections.push((setting.section, vec![setting])),
        }
    }
    sections
}

fn example() -> String {
    let mut text = EXAMPLE_HEAD.to_owned();
    for (title, settings) in sections() {
        writeln!(text, "\n{:-<98}", format!("# -- {title} ")).unwrap();
        for setting in settings {
            let unit = setting.unit.map(|unit| format!(" In {unit}.")).unwrap_or_default();
            text += &wrapped(&format!("{}{unit}", setting.doc), "#");
            let quote = if setting.example.contains(' ') { "\"" } else { "" };
            writeln!(text, "{}={quote}{}{quote}", setting.name, setting.example).unwrap();
        }
    }
    text + EXAMPLE_FOOT
}

fn page() -> String {
    let mut text = PAGE_HEAD.to_owned();
    for (title, settings) in sections() {
        write!(text, "\n## {title}\n\n| name | default | unit | meaning |\n|---|---|---|---|\n")
            .unwrap();
        for setting in settings {
            let default = match setting.default {
                None => "required".to_owned(),
                Some("") => String::new(),
                Some(default) => format!("`{default}`"),
            };
            let (name, unit) = (setting.name, setting.unit.unwrap_or_default());
            let secret = if setting.is_secret { " Secret." } else { "" };
            let doc = setting.doc.trim();
            writeln!(text, "| `{name}` | {default} | {unit} | {doc}{secret} |").unwrap();
        }
    }
    text + PAGE_FOOT
}

#[test]
fn generated_documents_are_current() {
    check_generated(".env.example", &example());
    check_generated("docs/operate/configuration.md", &page());
}

#[test]
fn every_setting_has_a_section_and_a_meaning() {
    for setting in Settings::table() {
        assert!(!setting.section.is_empty() && setting.doc.trim().len() > 9, "{setting:?}");
    }
}

#[test]
fn example_alone_does_not_start() {
    let table = Settings::table();
    let get = |name: &str| {
        let setting = table.iter().find(|setting| setting.name == name)?;
        Some(setting.example.to_owned())
    };

    let mistakes = Settings::from_env(get).unwrap_err().to_string();

    for setting in table.iter().filter(|setting| setting.default.is_none()) {
        assert!(mistakes.contains(setting.name), "{} in {mistakes}", setting.name);
    }
    assert_eq!(mistakes.matches("placeholder").count(), 6, "{mistakes}");
}
