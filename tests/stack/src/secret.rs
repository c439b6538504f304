//! Random keys and passwords from the system's generator.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};

/// 32 random bytes in standard base64, the form of a key in Keyward's settings.
///
/// # Errors
///
/// If the system's generator cannot be read.
pub fn key() -> Result<String> {
    Ok(BASE64_STANDARD.encode(random::<32>()?))
}

/// A password of 32 hexadecimal digits, safe in a URL.
///
/// # Errors
///
/// If the system's generator cannot be read.
pub fn password() -> Result<String> {
    let bytes = random::<16>()?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// `N` bytes from `/dev/urandom`.
///
/// # Errors
///
/// If it cannot be read.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("reading /dev/urandom")?;
    Ok(bytes)
}

/// The password stored in `path`, created by the first call.
///
/// # Errors
///
/// If the file can be neither read nor written.
pub fn load_or_create(path: &Path) -> Result<String> {
    match std::fs::read_to_string(path) {
        Ok(kept) if !kept.trim().is_empty() => Ok(kept.trim().to_owned()),
        _ => {
            let fresh = password()?;
            write(path, &fresh)?;
            Ok(fresh)
        }
    }
}

/// Replaces `path` atomically with a file that only its owner can read.
///
/// # Errors
///
/// If the folder cannot be written.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let draft = path.with_added_extension("new");
    let _ = std::fs::remove_file(&draft);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&draft, path))
        .with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_stored_password_is_private_and_stays_the_same() {
        let folder = crate::folder::scratch("secret").unwrap();
        let path = folder.path().join("password");

        let first = load_or_create(&path).unwrap();

        assert_eq!(load_or_create(&path).unwrap(), first);
        assert_eq!(first.len(), 32);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn every_key_is_32_random_bytes() {
        let key = key().unwrap();

        assert_eq!(BASE64_STANDARD.decode(&key).unwrap().len(), 32);
        assert_ne!(super::key().unwrap(), key);
    }
}
