//! Finds programs on this machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Folders with servers that are often missing from a user's `PATH`.
const USUAL: [&str; 5] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/opt/homebrew/bin"];

/// Every program with this name on `PATH`, in `.dev` and in the usual folders, in that order.
pub fn on_path(name: &str) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let ours = [crate::folder::dev().join("bin"), crate::folder::dev().join("nats/bin")];
    env::split_paths(&path)
        .chain(ours)
        .chain(USUAL.map(PathBuf::from))
        .map(|folder| folder.join(name))
        .filter(|program| program.is_file())
        .collect()
}

/// The sub-folders of `folder` in no particular order; none if it does not exist.
pub(crate) fn folders_in(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// The output of a program, if it runs and succeeds.
pub(crate) fn output_of(program: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// A version such as 2.15.1; missing parts are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Version(pub(crate) [u16; 3]);

impl Version {
    /// The first word of `text` that is a version, as in `nats-server: v2.15.1` or `v=7.0.15`.
    pub(crate) fn within(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let word = word.trim_start_matches(['v', '=']);
            let mut parts = word.split('.').map_while(|part| part.parse().ok());
            Some(Self([parts.next()?, parts.next().unwrap_or(0), parts.next().unwrap_or(0)]))
        })
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_output_of_servers() {
        let read = |text| Version::within(text).unwrap().0;

        assert_eq!(read("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), [15, 14, 0]);
        assert_eq!(read("Redis server v=7.0.15 sha=00000000:0 bits=64"), [7, 0, 15]);
        assert_eq!(read("nats-server: v2.15.1"), [2, 15, 1]);
        assert_eq!(Version::within("no numbers here"), None);
    }
}
