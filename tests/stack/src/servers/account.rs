//! Who Postgres runs as, since it refuses to run as root.

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

/// Whether we may install packages and become somebody else.
pub(crate) fn is_root() -> bool {
    geteuid().is_root()
}

impl Account {
    /// `postgres` if there is such a user, else `nobody`. None when we are not root: then we
    /// run it ourselves.
    pub(crate) fn for_postgres() -> Result<Option<Self>> {
        if !is_root() {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let Some(user) = User::from_name(name)? {
                let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
                return Ok(Some(Self { uid, gid }));
            }
        }
        anyhow::bail!("Postgres will not run as root, and there is no user `postgres` or `nobody`")
    }

    /// Whether this user can get into `folder`, judged by the mode of all that lie above it.
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

/// A folder `<folder>/<name>` that belongs to `account` alone.
///
/// Where the account cannot reach that (a repository below `/root`), a folder in the system's
/// temporary folder stands in, named after the path, so that it is found again on the next run.
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
        "{} belongs to somebody else",
        home.display()
    );
    give(&home, account)?;
    Ok(home)
}

/// Makes `account` the owner of a file or folder.
pub(crate) fn give(path: &Path, account: Option<Account>) -> Result<()> {
    match account {
        Some(Account { uid, gid }) => std::os::unix::fs::chown(path, Some(uid), Some(gid))
            .with_context(|| format!("giving away {}", path.display())),
        None => Ok(()),
    }
}
