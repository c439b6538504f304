//! WebP: looked through chunk by chunk, then decoded at once.

use std::io::Cursor;

use image::{DynamicImage, RgbImage, RgbaImage, metadata::Orientation};
use image_webp::{DecodingError, WebPDecoder};

use super::{Decoded, Header, MAX_MEMORY_BYTES, Reason, exif};

/// Bytes before the first chunk: `RIFF`, a size, `WEBP`.
const HEADER_BYTES: usize = 12;
/// In the flags of chunk `VP8X` (RFC 9649, section 2.7).
const FLAG_ANIMATION: u8 = 0b10;
/// Bytes per pixel: planes of luma and chroma (1.5), alpha (1), the interleaved result (4).
const LOSSY_BYTES_PER_PIXEL: u64 = 7;
/// Two copies of four samples.
const LOSSLESS_BYTES_PER_PIXEL: u64 = 8;

/// Reads the header and walks to the end of the picture; decodes nothing.
pub(super) fn inspect(bytes: &[u8]) -> Result<Header<'_>, Reason> {
    let size = bytes.get(4..8).ok_or(Reason::Truncated)?;
    let size = u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize;
    let end = size.checked_add(8).filter(|end| *end >= HEADER_BYTES).ok_or(Reason::Damaged)?;
    let file = bytes.get(..end).ok_or(Reason::Truncated)?;
    let mut at = HEADER_BYTES;
    let mut dimensions = None;
    let mut bytes_per_pixel = LOSSY_BYTES_PER_PIXEL;
    let mut exif = None;
    let mut metadata = Vec::new();
    while at < file.len() {
        let head = file.get(at..at + 8).ok_or(Reason::Damaged)?;
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let body = file.get(at + 8..at + 8 + length).ok_or(Reason::Damaged)?;
        // Chunks have an even number of bytes.
        at += 8 + length.next_multiple_of(2);
        match &head[..4] {
            b"ANIM" | b"ANMF" => return Err(Reason::Animated),
            b"VP8X" if body.first().is_some_and(|flags| flags & FLAG_ANIMATION != 0) => {
                return Err(Reason::Animated);
            }
            b"VP8 " => dimensions = dimensions.or(Some(lossy(body)?)),
            b"VP8L" => {
                dimensions = dimensions.or(Some(lossless(body)?));
                bytes_per_pixel = LOSSLESS_BYTES_PER_PIXEL;
            }
            b"ALPH" => {}
            kind => {
                metadata.push(body);
                if kind == b"EXIF" {
                    exif = exif.or(Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body)));
                }
            }
        }
    }
    let (width, height) = dimensions.ok_or(Reason::Damaged)?;
    let pixels = u64::from(width) * u64::from(height);
    let orientation: Orientation = exif::orientation(exif);
    let memory_bytes = bytes_per_pixel * pixels;
    Ok(Header { width, height, memory_bytes, orientation, metadata, rest: &bytes[end..] })
}

/// The dimensions in the frame header of VP8 (RFC 6386, section 9.1).
fn lossy(body: &[u8]) -> Result<(u32, u32), Reason> {
    let Some(&[_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1]) = body.get(..10) else {
        return Err(Reason::Damaged);
    };
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    Ok((side(w0, w1), side(h0, h1)))
}

/// The dimensions in the header of VP8L (RFC 9649, section 3.4).
fn lossless(body: &[u8]) -> Result<(u32, u32), Reason> {
    let Some(&[0x2f, b0, b1, b2, b3]) = body.get(..5) else {
        return Err(Reason::Damaged);
    };
    let bits = u32::from_le_bytes([b0, b1, b2, b3]);
    Ok(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
}

/// Decodes it.
pub(super) fn decode(bytes: &[u8], header: &Header<'_>) -> Result<Decoded, Reason> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(reason)?;
    decoder.set_memory_limit(MAX_MEMORY_BYTES as usize);
    let (width, height) = decoder.dimensions();
    // The canvas of the extended format must be the picture that was measured.
    if (width, height) != (header.width, header.height) || decoder.is_animated() {
        return Err(Reason::Damaged);
    }
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or(Reason::TooMuchMemory)?];
    decoder.read_image(&mut pixels).map_err(reason)?;
    let picture = if decoder.has_alpha() {
        RgbaImage::from_raw(width, height, pixels).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(width, height, pixels).map(DynamicImage::from)
    };
    let icc_profile = decoder.icc_profile().ok().flatten();
    Ok(Decoded { picture: picture.ok_or(Reason::Damaged)?, icc_profile })
}

fn reason(error: DecodingError) -> Reason {
    match error {
        DecodingError::IoError(_) => Reason::Truncated,
        DecodingError::MemoryLimitExceeded | DecodingError::ImageTooLarge => Reason::TooMuchMemory,
        _ => Reason::Damaged,
    }
}
