//! A library that gives one program a clock of its own.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::servers::{find, install};

/// Finds libfaketime, or installs Debian's package where we may. It is for `LD_PRELOAD`.
///
/// # Errors
///
/// If it is missing and cannot be installed: the message says what to install by hand.
pub async fn find_or_install() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    install::with_apt(&["faketime"]).await.context("a clock that can be wrong")?;
    find().context("faketime was installed, and yet its library is not there")
}

fn find() -> Option<PathBuf> {
    let folders = find::folders_in("/usr/lib").into_iter().chain(["/usr/local/lib".into()]);
    // The one for programs with threads.
    let mut libraries = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    libraries.find(|library| library.is_file())
}
