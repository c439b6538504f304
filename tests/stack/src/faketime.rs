//! libfaketime: gives a single process a wrong clock.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{find, servers::install};

/// Finds the library for `LD_PRELOAD`, or installs Debian's package if permitted.
///
/// # Errors
///
/// If it is missing and cannot be installed: the message names what to install.
pub async fn find_or_install() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    install::with_apt(&["faketime"]).await.context("libfaketime")?;
    find().context("faketime was installed but its library is missing")
}

fn find() -> Option<PathBuf> {
    let folders = find::folders_in("/usr/lib").into_iter().chain(["/usr/local/lib".into()]);
    // The variant for programs with threads.
    let mut libraries = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    libraries.find(|library| library.is_file())
}
