//! Chromium and ChromeDriver, for tests in a browser.

use std::{
    fs::{self, File},
    path::PathBuf,
};

use anyhow::{Context, Result};
use tokio::task;

use crate::{find, folder, servers::install};

/// Two programs of the same version.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The browser.
    pub chromium: PathBuf,
    /// Its WebDriver server.
    pub chromedriver: PathBuf,
}

/// Finds both, or installs Debian's packages if permitted. Concurrent calls are safe: one process
/// installs, the others wait.
///
/// # Errors
///
/// If one is missing and cannot be installed: the message names what to install.
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
    find().context("Chromium was installed but is not on PATH")
}

fn find() -> Option<Programs> {
    let first = |names: &[&str]| names.iter().flat_map(|name| find::on_path(name)).next();
    Some(Programs {
        chromium: first(&["chromium", "chromium-browser", "google-chrome"])?,
        chromedriver: first(&["chromedriver"])?,
    })
}
