//! `.env`: created from `.env.example` on the first run, with random secrets; extended when a
//! release adds a secret.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use keyward_stack::secret;

/// The placeholder for a secret in `.env.example`.
const PLACEHOLDER: &str = "change-me";

/// What happened to `.env`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It existed and is unchanged.
    Kept,
    /// It existed and got these missing secrets.
    Completed(Vec<String>),
    /// It was written, with this many new secrets.
    Written(usize),
    /// There is no `.env.example` to create it from.
    NoExample,
}

/// Writes `.env` if there is none, readable by its owner only. An existing one only gets the secrets
/// that it lacks. `is_set` returns whether the environment sets a variable; it takes precedence over `.env`.
pub(crate) fn provide(repository: &Path, is_set: impl Fn(&str) -> bool) -> Result<Outcome> {
    let file = repository.join(".env");
    let example = repository.join(".env.example");
    if !example.exists() {
        return Ok(if file.exists() { Outcome::Kept } else { Outcome::NoExample });
    }
    let example = fs::read_to_string(example).context("reading .env.example")?;
    if file.exists() {
        let kept = fs::read_to_string(&file).context("reading .env")?;
        let (text, added) = complete(&kept, &example, is_set)?;
        if added.is_empty() {
            return Ok(Outcome::Kept);
        }
        secret::write(&file, &text)?;
        return Ok(Outcome::Completed(added));
    }
    let (text, secrets) = fill(&example)?;
    secret::write(&file, &text)?;
    Ok(Outcome::Written(secrets))
}

/// The variable that a line sets, if any.
fn name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim().trim_start_matches("export ").trim();
    (!name.starts_with('#')).then_some(name)
}

/// Adds a new key for each placeholder of the example that is not set, neither as `X` nor as
/// `X_FILE`. Also returns their names.
fn complete(
    kept: &str,
    example: &str,
    is_set: impl Fn(&str) -> bool,
) -> Result<(String, Vec<String>)> {
    let is_known = |wanted: &str| {
        let names = [wanted.to_owned(), format!("{wanted}_FILE")];
        names.iter().any(|one| is_set(one) || kept.lines().filter_map(name).any(|n| n == one))
    };
    let is_secret =
        |line: &&str| line.split_once('=').is_some_and(|(_, v)| v.trim() == PLACEHOLDER);
    let mut text = kept.to_owned();
    let mut added = Vec::new();
    for missing in example.lines().filter(is_secret).filter_map(name).filter(|name| !is_known(name))
    {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text += &format!("{missing}={}\n", secret::key()?);
        added.push(missing.to_owned());
    }
    Ok((text, added))
}

/// Replaces each placeholder with a key; other lines stay as they are.
fn fill(example: &str) -> Result<(String, usize)> {
    let mut text = String::new();
    let mut secrets = 0;
    for line in example.lines() {
        match line.split_once('=') {
            Some((name, value)) if value.trim() == PLACEHOLDER && !name.starts_with('#') => {
                text += &format!("{name}={}\n", secret::key()?);
                secrets += 1;
            }
            _ => text += &format!("{line}\n"),
        }
    }
    Ok((text, secrets))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use keyward_stack::folder;

    use super::*;

    #[test]
    fn only_placeholders_become_keys() {
        let example = "# LINK_KEY=change-me would be a bad idea\nLINK_KEY=change-me\n\
                       SESSION_KEY=change-me\nPORT=8080 # not change-me\n";

        let (text, secrets) = fill(example).unwrap();

        assert_eq!(secrets, 2);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "# LINK_KEY=change-me would be a bad idea");
        assert_eq!(lines[3], "PORT=8080 # not change-me");
        let key = |line: &str| line.split_once('=').unwrap().1.to_owned();
        assert_eq!(key(lines[1]).len(), 44);
        assert_ne!(key(lines[1]), key(lines[2]));
    }

    #[test]
    fn a_file_of_an_older_release_gets_its_missing_keys() {
        let example = "LINK_KEY=change-me\nSESSION_KEY=change-me\nWEBHOOK_KEY=change-me\n\
                       SIGNING_KEYS=change-me\n# POSTGRES_PASSWORD=change-me\n";
        let kept = "# mine\nLINK_KEY=mine\nSESSION_KEY_FILE=/run/secrets/session";
        let in_environment = |name: &str| name == "SIGNING_KEYS";

        let (text, added) = complete(kept, example, in_environment).unwrap();

        assert_eq!(added, ["WEBHOOK_KEY"]);
        let (before, key) = text.split_once("\nWEBHOOK_KEY=").unwrap();
        assert_eq!(before, kept);
        assert_eq!(key.trim_end().len(), 44);
        let (again, added) = complete(&text, example, in_environment).unwrap();
        assert_eq!((again, added), (text, vec![]));
    }

    #[test]
    fn an_existing_file_is_kept_and_a_new_one_is_private() {
        let home = folder::scratch("env").unwrap();
        assert_eq!(provide(home.path(), |_| false).unwrap(), Outcome::NoExample);
        fs::write(home.path().join(".env.example"), "LINK_KEY=change-me\n").unwrap();

        assert_eq!(provide(home.path(), |_| false).unwrap(), Outcome::Written(1));
        let first = fs::read_to_string(home.path().join(".env")).unwrap();
        assert_eq!(provide(home.path(), |_| false).unwrap(), Outcome::Kept);

        let file = home.path().join(".env");
        assert_eq!(fs::read_to_string(&file).unwrap(), first);
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
