//! Changes one variable of a file like `.env`.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown},
    path::Path,
};

use anyhow::Context as _;

/// Replaces the line that sets a variable.
///
/// Atomic: a process that starts in the meantime reads the old file or the new one. Keeps owner and
/// permissions.
///
/// # Errors
///
/// If the file does not set the variable in exactly one line, or its directory is not writable.
pub(super) fn set(path: &Path, name: &str, value: &str) -> anyhow::Result<()> {
    // Replaces the target of a symbolic link, not the link.
    let path = fs::canonicalize(path).with_context(|| format!("finding {}", path.display()))?;
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let text = replaced(&text, name, value)
        .with_context(|| format!("{} has no single line {name}=..", path.display()))?;
    let draft = path.with_added_extension(format!("{}.new", std::process::id()));
    let write = || {
        let meta = fs::metadata(&path)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        fchown(&file, Some(meta.uid()), Some(meta.gid()))?;
        file.set_permissions(meta.permissions())?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    write()
        .inspect_err(|_| drop(fs::remove_file(&draft)))
        .with_context(|| format!("writing {}", path.display()))
}

fn replaced(text: &str, name: &str, value: &str) -> Option<String> {
    let sets = |line: &&str| {
        let line = line.trim_start().trim_start_matches("export ");
        line.split_once('=').is_some_and(|(left, _)| left.trim() == name)
    };
    let mut lines = text.split_inclusive('\n').filter(|line| sets(line));
    let (line, None) = (lines.next()?, lines.next()) else { return None };
    let (left, _) = line.split_once('=')?;
    let end = if line.ends_with('\n') { "\n" } else { "" };
    Some(text.replacen(line, &format!("{left}={value}{end}"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_line_of_the_variable_changes() {
        let text = "# KEY=a comment\nOTHER_KEY=1\nKEY=old # with a word\nKEY_2=KEY=3\n";
        let expected = "# KEY=a comment\nOTHER_KEY=1\nKEY=new==\nKEY_2=KEY=3\n";
        assert_eq!(replaced(text, "KEY", "new==").unwrap(), expected);
        assert_eq!(replaced("export KEY='old'", "KEY", "new").unwrap(), "export KEY=new");
    }

    #[test]
    fn a_missing_or_repeated_variable_is_an_error() {
        assert_eq!(replaced("KEY_FILE=/run/key\n#KEY=1\n", "KEY", "new"), None);
        assert_eq!(replaced("KEY=1\nKEY=2\n", "KEY", "new"), None);
    }
}
