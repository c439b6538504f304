//! Where things lie: the repository, its git-ignored `.dev` folder, locks and scratch folders.

use std::{
    env,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// The root of the repository: the folder above us that holds this package, or else the one it
/// was compiled in.
pub fn repository() -> PathBuf {
    let compiled_in = Path::new(env!("CARGO_MANIFEST_DIR"));
    let here = env::current_dir().unwrap_or_default();
    let holds_us = |folder: &&Path| folder.join("tests/stack/Cargo.toml").is_file();
    let root = here.ancestors().find(holds_us);
    root.or_else(|| compiled_in.ancestors().nth(2)).unwrap_or(compiled_in).to_owned()
}

/// The git-ignored folder that holds all we download, run and remember.
pub fn dev() -> PathBuf {
    repository().join(".dev")
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    let chosen = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    repository().join(chosen)
}

/// A short name for a path that is the same on every run (FNV-1a, 64 bits).
pub(crate) fn fingerprint(path: &Path) -> String {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let bytes = path.as_os_str().as_encoded_bytes();
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, fold))
}

/// Claims a folder for this process until the returned file is dropped, or we die.
///
/// # Errors
///
/// If another process holds it, or the folder cannot be made.
pub fn lock(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let file = File::create(folder.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("{} is in use by another run", folder.display()),
        Err(TryLockError::Error(error)) => Err(error).context("locking the folder"),
    }
}

/// A folder that is removed with everything in it when this is dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Leaves it there, for somebody to look into, and says where.
    pub fn keep(self) -> PathBuf {
        std::mem::ManuallyDrop::new(self).0.clone()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A fresh folder `.dev/<name>-<process id>-<number>`.
///
/// # Errors
///
/// If it cannot be made.
pub fn scratch(name: &str) -> Result<Scratch> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);

    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = dev().join(format!("{name}-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(Scratch(folder))
}

/// The last lines of a file, indented: what an error message shows of a log.
pub fn tail(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(20)..];
    if last.is_empty() {
        return format!("({} is empty)", path.display());
    }
    format!("{}:\n  {}", path.display(), last.join("\n  "))
}
