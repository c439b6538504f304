//! Chromium and the server through which tests drive it.

use std::{
    fs::{self, File},
    path::PathBuf,
};

use anyhow::{Context, Result};
use tokio::task;

use crate::{
    folder,
    servers::{find, install},
};

/// Two programs of the same version.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The browser.
    pub chromium: PathBuf,
    /// Its WebDriver server.
    pub chromedriver: PathBuf,
}

/// Finds both, or installs Debian's packages where we may. Any number of tests may ask at once:
/// one installs, the others wait for it.
///
/// # Errors
///
/// If one is missing and cannot be installed: the message says what to install by hand.
pub async fn find_or_install() -> Result<Programs> {
    if let Some(found) = find() {
        return Ok(found);
    }
    fs::create_dir_all(folder::dev())?;
    let lock = File::create(folder::dev().join("browser.lock"))?;
    let _lock = task::spawn_blocking(move || lock.lock().map(|()| lock)).await??;
    if find().is_none() {
        install::with_apt(&["chromium", "chromium-driver"]).await.context("a browser")?;
    }
    find().context("Chromium was installed, and yet it is not on PATH")
}

fn find() -> Option<Programs> {
    let first = |names: &[&str]| names.iter().flat_map(|name| find::on_path(name)).next();
    Some(Programs {
        chromium: first(&["chromium", "chromium-browser", "google-chrome"])?,
        chromedriver: first(&["chromedriver"])?,
    })
}
