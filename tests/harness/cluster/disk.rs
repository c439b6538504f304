//! A disk that can be full.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

/// A small disk of its own over a folder. Dropping it takes it away, with all that is on it.
///
/// Only root may mount one, and not in every container.
#[derive(Debug)]
pub struct Disk(PathBuf);

impl Disk {
    /// So many MiB over a folder; nothing if that may not be done here.
    #[must_use]
    pub fn over(folder: &Path, mib: u32) -> Option<Self> {
        // 755, so that Postgres reaches its data.
        let options = format!("size={mib}m,mode=755");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "keyward-tests"]).arg(folder);
        mount.output().ok()?.status.success().then(|| Self(folder.to_owned()))
    }

    /// Takes all that is left of it, to the last byte.
    pub fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).unwrap();
        for piece in [&[0; 1 << 20][..], &[0; 4096]] {
            while ballast.write_all(piece).is_ok() {}
        }
    }

    /// Gives it back.
    pub fn relieve(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: who still works on it is about to end.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}
