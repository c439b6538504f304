//! The user that runs Postgres, which refuses to run as root.

use std::{
    env, fs,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use nix::unistd::{Uid, User, geteuid};

/// An unprivileged user of this system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// Whether this process may install packages and switch users.
pub(crate) fn is_root() -> bool {
    geteuid().is_root()
}

impl Account {
    /// `postgres` if this user exists, else the user with the kernel's overflow id; none if we are
    /// not root, since then Postgres runs as our own user.
    pub(crate) fn for_postgres() -> Result<Option<Self>> {
        const OVERFLOW_UID: u32 = 65_534;
        if !is_root() {
            return Ok(None);
        }
        let postgres = User::from_name("postgres")?;
        let user =
            postgres.map_or_else(|| User::from_uid(OVERFLOW_UID.into()), |user| Ok(Some(user)))?;
        let user =
            user.context("Postgres refuses to run as root, and there is no user `postgres`")?;
        Ok(Some(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw() }))
    }

    /// Whether this user can reach `folder`, judged by the modes of its parent folders.
    fn reaches(self, folder: &Path) -> bool {
        folder.ancestors().skip(1).all(|above| {
            fs::metadata(above).is_ok_and(|meta| {
                let bit = match (meta.uid() == self.uid, meta.gid() == self.gid) {
                    (true, _) => 0o100,
                    (false, true) => 0o010,
                    (false, false) => 0o001,
                };
                meta.mode() & bit != 0
            })
        })
    }
}

/// Creates the folder `<folder>/<name>`, owned by `account`.
///
/// If the account cannot reach it (a repository below `/root`), a folder in the system's temporary
/// folder is used, named after the path so that the next run finds it.
pub(crate) fn home(folder: &Path, name: &str, account: Option<Account>) -> Result<PathBuf> {
    let mut home = folder.join(name);
    if let Some(account) = account
        && !account.reaches(&home)
    {
        let print = crate::folder::fingerprint(&home);
        home = env::temp_dir().join(format!("keyward-{name}-{print}"));
        crate::console::note(format!("{name} keeps its data in {}", home.display()));
    }
    if !home.is_dir() {
        let made = fs::DirBuilder::new().mode(0o700).create(&home);
        made.with_context(|| format!("making {}", home.display()))?;
    }
    let owner = account.map_or(geteuid().as_raw(), |account| account.uid);
    let found = fs::symlink_metadata(&home)?;
    ensure!(
        found.is_dir() && [owner, Uid::current().as_raw()].contains(&found.uid()),
        "{} belongs to another user",
        home.display()
    );
    give(&home, account)?;
    Ok(home)
}

/// Makes `account` the owner of a file or folder.
pub(crate) fn give(path: &Path, account: Option<Account>) -> Result<()> {
    match account {
        Some(Account { uid, gid }) => std::os::unix::fs::chown(path, Some(uid), Some(gid))
            .with_context(|| format!("changing the owner of {}", path.display())),
        None => Ok(()),
    }
}
