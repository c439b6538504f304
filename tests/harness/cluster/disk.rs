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
        // With mode 755, so that Postgres can reach its data.
        let options = format!("size={mib}m,mode=755");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "keyward-tests"]).arg(folder);
        mount.output().ok()?.status.success().then(|| Self(folder.to_owned()))
    }

    /// Fills the disk completely.
    pub fn fill(&self) {
        let mut filler = File::options().create(true).append(true).open(self.filler()).unwrap();
        for block in [&[0; 1 << 20][..], &[0; 4096]] {
            while filler.write_all(block).is_ok() {}
        }
    }

    /// Frees the space.
    pub fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, because processes may still use it.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}
