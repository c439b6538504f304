//! A small disk that can be filled.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

/// A small disk mounted over a folder. Dropping it unmounts it and deletes its content.
///
/// Only root can mount, and not in every container.
#[derive(Debug)]
pub struct Disk(PathBuf);

impl Disk {
    /// Mounts a disk of `mib` MiB over a folder; none if mounting is not permitted.
    #[must_use]
    pub fn over(folder: &Path, mib: u32) -> Option<Self> {
        // 755, so that Postgres reaches its data.
        let options = format!("size={mib}m,mode=755");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "keyward-tests"]).arg(folder);
        mount.output().ok()?.status.success().then(|| Self(folder.to_owned()))
    }

    /// Fills the disk completely.
    pub fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).unwrap();
        for piece in [&[0; 1 << 20][..], &[0; 4096]] {
            while ballast.write_all(piece).is_ok() {}
        }
    }

    /// Frees the space.
    pub fn relieve(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: processes that still use it are about to end.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}
