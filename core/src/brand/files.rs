//! Reads files and folders of a brand.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The entries of a folder by name, sorted. Hidden ones are left out: editors and Kubernetes make them.
pub(super) fn entries(folder: &Path, mistakes: &mut Vec<String>) -> Vec<(String, PathBuf)> {
    let read = || -> io::Result<Vec<_>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                entries.push((name, entry.path()));
            }
        }
        entries.sort();
        Ok(entries)
    };
    read().unwrap_or_else(|error| {
        mistakes.push(format!("{}: cannot be read as a folder: {error}", folder.display()));
        Vec::new()
    })
}

/// The bytes of a file.
pub(super) fn bytes(path: &Path, mistakes: &mut Vec<String>) -> Option<Vec<u8>> {
    let bytes = fs::read(path);
    bytes
        .map_err(|error| mistakes.push(format!("{}: cannot be read: {error}", path.display())))
        .ok()
}

/// The text of a file, without a byte order mark.
pub(super) fn text(path: &Path, mistakes: &mut Vec<String>) -> Option<String> {
    let text = String::from_utf8(bytes(path, mistakes)?);
    let text = text.map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
        mistakes.push(format!("{} line {line}: is not UTF-8", path.display()));
    });
    text.ok().map(|text| text.trim_start_matches('\u{feff}').to_owned())
}
