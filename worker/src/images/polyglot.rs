//! Refuses files that are a picture and something else at the same time.
//!
//! What is served is made anew from pixels, so nothing of an upload ever reaches anybody. These
//! rules are for whoever gets hold of the originals, and for scanners of the store:
//!
//! 1. The signature of the picture is the very first thing in the file ([`PictureFormat::of`]).
//! 2. Behind its end stands nothing but zeros. Behind the end of a JPEG there may be what phones
//!    put there: further JPEGs (multi-picture format, gain maps) and Samsung's trailer.
//! 3. No ZIP archive ends where the file ends (programs read those from their end).
//! 4. No PDF begins within the first kilobyte (programs look that far).
//! 5. No markup or script for browsers and servers stands in the metadata.

use keyward_core::domain::PictureFormat;

use super::{Header, Reason};

/// Where programs look for `%PDF-`.
const PDF_WITHIN: usize = 1024;
/// Longest comment of a ZIP archive, and the record it stands in.
const ZIP_END: usize = 22 + 65_535;
/// What runs where it is shown or included.
const ACTIVE: [&[u8]; 6] = [b"<script", b"<html", b"<svg", b"<!doctype", b"<?php", b"<iframe"];

/// Applies the rules.
pub(super) fn check(
    bytes: &[u8],
    format: PictureFormat,
    header: &Header<'_>,
) -> Result<(), Reason> {
    let is_clean = is_padding(header.rest, format)
        && !ends_as_zip(bytes)
        && !contains(&bytes[..bytes.len().min(PDF_WITHIN)], b"%PDF-")
        && !header.metadata.iter().any(|part| ACTIVE.iter().any(|word| contains(part, word)));
    if is_clean { Ok(()) } else { Err(Reason::Polyglot) }
}

fn is_padding(rest: &[u8], format: PictureFormat) -> bool {
    let Some(start) = rest.iter().position(|byte| *byte != 0) else {
        return true;
    };
    let rest = &rest[start..];
    format == PictureFormat::Jpeg
        && (PictureFormat::of(rest) == Some(PictureFormat::Jpeg) || rest.ends_with(b"SEFT"))
}

/// Whether the record that ends a ZIP archive reaches to the last byte.
fn ends_as_zip(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(ZIP_END)..];
    memchr::memmem::find_iter(tail, b"PK\x05\x06").any(|at| {
        let comment = tail.get(at + 20..at + 22).map(|len| u16::from_le_bytes([len[0], len[1]]));
        comment.is_some_and(|len| at + 22 + usize::from(len) == tail.len())
    })
}

/// Whether `word`, in letters of any case, stands in `bytes`. It begins with a byte that has no case.
fn contains(bytes: &[u8], word: &[u8]) -> bool {
    memchr::memchr_iter(word[0], bytes).any(|at| {
        bytes.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
    })
}
