//! `.env`: made from `.env.example` on the first run, with secrets nobody else has.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use keyward_stack::secret;

/// What stands in `.env.example` for a secret.
const PLACEHOLDER: &str = "change-me";

/// What became of `.env`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was there and was left alone.
    Kept,
    /// It was written, with so many fresh secrets.
    Written(usize),
    /// There is no `.env.example` to write it from.
    NoExample,
}

/// Writes `.env` if there is none, for its owner only.
pub(crate) fn provide(repository: &Path) -> Result<Outcome> {
    let file = repository.join(".env");
    let example = repository.join(".env.example");
    if file.exists() {
        return Ok(Outcome::Kept);
    }
    if !example.exists() {
        return Ok(Outcome::NoExample);
    }
    let example = fs::read_to_string(example).context("reading .env.example")?;
    let (text, secrets) = fill(&example)?;
    secret::write(&file, &text)?;
    Ok(Outcome::Written(secrets))
}

/// Replaces each placeholder by a key of its own; every other line stays as it is.
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
    fn placeholders_become_keys_and_everything_else_stays() {
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
    fn a_file_that_is_there_is_left_alone_and_a_new_one_is_private() {
        let home = folder::scratch("env").unwrap();
        assert_eq!(provide(home.path()).unwrap(), Outcome::NoExample);
        fs::write(home.path().join(".env.example"), "LINK_KEY=change-me\n").unwrap();

        assert_eq!(provide(home.path()).unwrap(), Outcome::Written(1));
        let first = fs::read_to_string(home.path().join(".env")).unwrap();
        assert_eq!(provide(home.path()).unwrap(), Outcome::Kept);

        let file = home.path().join(".env");
        assert_eq!(fs::read_to_string(&file).unwrap(), first);
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
