//! Paths: the repository, its git-ignored `.dev` folder, locks and scratch folders.

use std::{
    env,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// The root of the repository: the nearest parent of the current folder that contains this package,
/// or else the one it was compiled in.
pub fn repository() -> PathBuf {
    let compiled_in = Path::new(env!("CARGO_MANIFEST_DIR"));
    let here = env::current_dir().unwrap_or_default();
    let holds_us = |folder: &&Path| folder.join("tests/stack/Cargo.toml").is_file();
    let root = here.ancestors().find(holds_us);
    root.or_else(|| compiled_in.ancestors().nth(2)).unwrap_or(compiled_in).to_owned()
}

/// The git-ignored folder for downloads, data and state.
pub fn dev() -> PathBuf {
    repository().join(".dev")
}

/// The target folder of cargo.
pub fn target() -> PathBuf {
    let chosen = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    repository().join(chosen)
}

/// A short name for a path, the same in every run (FNV-1a, 64 bits).
pub(crate) fn fingerprint(path: &Path) -> String {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let bytes = path.as_os_str().as_encoded_bytes();
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, fold))
}

/// Locks a folder for this process until the returned file is dropped or the process ends.
///
/// # Errors
///
/// If another process holds the lock, or the folder cannot be created.
pub fn lock(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let file = File::create(folder.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("{} is in use by another run", folder.display()),
        Err(TryLockError::Error(error)) => Err(error).context("locking the folder"),
    }
}

/// A folder that is removed with its content when this is dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Keeps the folder, and returns its path.
    pub fn keep(self) -> PathBuf {
        std::mem::ManuallyDrop::new(self).0.clone()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Creates a folder `.dev/<name>-<process id>-<number>`.
///
/// # Errors
///
/// If it cannot be created.
pub fn scratch(name: &str) -> Result<Scratch> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);

    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = dev().join(format!("{name}-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(Scratch(folder))
}

/// The last 20 lines of a file, indented, for error messages.
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
