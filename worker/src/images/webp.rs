//! WebP: decoded at once.

use std::io::Cursor;

use image_webp::{DecodingError, WebPDecoder};

use super::{Decoded, MAX_MEMORY_BYTES, Reason, check_memory, check_size, orientation, picture};

/// Bytes before the first chunk: `RIFF`, a size, `WEBP`.
const HEADER_BYTES: usize = 12;
/// Bytes per pixel: planes of luma and chroma (1.5), alpha (1), the interleaved result (4).
const LOSSY_BYTES_PER_PIXEL: u64 = 7;
/// Two copies of four samples.
const LOSSLESS_BYTES_PER_PIXEL: u64 = 8;

/// Decodes a picture.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Reason> {
    let riff_bytes = length(bytes, 4).ok_or(Reason::Truncated)?;
    if bytes.len() < riff_bytes.saturating_add(8) {
        return Err(Reason::Truncated);
    }
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(reason)?;
    if decoder.is_animated() {
        return Err(Reason::Animated);
    }
    let (width, height) = decoder.dimensions();
    let frame = lossy_frame(bytes);
    // The decoder compares the two only after it has decoded the frame.
    if frame.is_some_and(|frame| frame != (width, height)) {
        return Err(Reason::Damaged);
    }
    let bytes_per_pixel =
        if frame.is_some() { LOSSY_BYTES_PER_PIXEL } else { LOSSLESS_BYTES_PER_PIXEL };
    check_memory(bytes_per_pixel * check_size(width, height)?)?;
    decoder.set_memory_limit(MAX_MEMORY_BYTES as usize);
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or(Reason::TooMuchMemory)?];
    decoder.read_image(&mut pixels).map_err(reason)?;
    let samples = if decoder.has_alpha() { 4 } else { 3 };
    let exif = decoder.exif_metadata().ok().flatten();
    let exif = exif.as_deref().map(|exif| exif.strip_prefix(b"Exif\0\0").unwrap_or(exif));
    Ok(Decoded {
        picture: picture(width, height, samples, pixels)?,
        icc_profile: decoder.icc_profile().ok().flatten(),
        orientation: orientation(exif),
    })
}

/// The dimensions of the first chunk `VP8 ` (RFC 6386, section 9.1), if there is one.
fn lossy_frame(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = HEADER_BYTES;
    while bytes.get(at..at + 4)? != b"VP8 " {
        // Chunks have an even number of bytes.
        at += 8 + length(bytes, at + 4)?.next_multiple_of(2);
    }
    let &[w0, w1, h0, h1] = bytes.get(at + 14..at + 18)? else { return None };
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    Some((side(w0, w1), side(h0, h1)))
}

/// The length at `at`.
fn length(bytes: &[u8], at: usize) -> Option<usize> {
    let length = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(length)).ok()
}

fn reason(error: DecodingError) -> Reason {
    match error {
        DecodingError::IoError(_) => Reason::Truncated,
        DecodingError::MemoryLimitExceeded | DecodingError::ImageTooLarge => Reason::TooMuchMemory,
        _ => Reason::Damaged,
    }
}
