//! PNG: looked through chunk by chunk, then decoded row by row.

use std::io::Cursor;

use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use png::{ColorType, Decoder, DecodingError, Limits, Transformations};

use super::{Decoded, Header, Reason, exif, shrink::Square};

const SIGNATURE_BYTES: usize = 8;
/// Bytes that the decoder may take beside the pixels: rows, profiles, the state of deflate.
const MAX_DECODER_BYTES: usize = 8 << 20;

/// Reads the header and walks to the end of the picture; decodes nothing.
pub(super) fn inspect(bytes: &[u8]) -> Result<Header<'_>, Reason> {
    let mut at = SIGNATURE_BYTES;
    let mut size = None;
    let mut memory_bytes = 0;
    let mut exif = None;
    let mut metadata = Vec::new();
    let mut has_pixels = false;
    loop {
        let head = bytes.get(at..at + 8).ok_or(Reason::Truncated)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let body = bytes.get(at + 8..at + 8 + length).ok_or(Reason::Truncated)?;
        // The checksum ends it.
        at += 8 + length + 4;
        if at > bytes.len() {
            return Err(Reason::Truncated);
        }
        match (&head[4..], size) {
            (b"IHDR", None) => {
                let &[w3, w2, w1, w0, h3, h2, h1, h0, _depth, _colour, _, _, interlace] = body
                else {
                    return Err(Reason::Damaged);
                };
                let width = u32::from_be_bytes([w3, w2, w1, w0]);
                let height = u32::from_be_bytes([h3, h2, h1, h0]);
                let pixels = u64::from(width) * u64::from(height);
                memory_bytes = if interlace == 0 { 0 } else { pixels.saturating_mul(4) };
                size = Some((width, height));
            }
            (b"IHDR", Some(_)) | (_, None) => return Err(Reason::Damaged),
            (b"acTL" | b"fcTL" | b"fdAT", _) => return Err(Reason::Animated),
            (b"IDAT", _) => has_pixels = true,
            (b"IEND", _) => break,
            (kind, _) => {
                metadata.push(body);
                if kind == b"eXIf" {
                    exif = exif.or(Some(body));
                }
            }
        }
    }
    let (width, height) = size.filter(|_| has_pixels).ok_or(Reason::Damaged)?;
    let orientation = exif::orientation(exif);
    Ok(Header { width, height, memory_bytes, orientation, metadata, rest: &bytes[at..] })
}

/// Decodes the square in the middle.
pub(super) fn decode(bytes: &[u8], header: &Header<'_>) -> Result<Decoded, Reason> {
    let limits = Limits { bytes: MAX_DECODER_BYTES };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    // One byte per sample, palettes and transparent colours resolved.
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(reason)?;
    let icc_profile = reader.info().icc_profile.as_ref().map(|profile| profile.to_vec());
    let colour = reader.output_color_type().0;
    let mut square = Square::new(header.width, header.height, colour.samples());
    if reader.info().interlaced {
        let mut pixels = vec![0; reader.output_buffer_size().ok_or(Reason::TooMuchMemory)?];
        reader.next_frame(&mut pixels).map_err(reason)?;
        let row_bytes = header.width as usize * colour.samples();
        pixels.chunks_exact(row_bytes).for_each(|row| square.push(row));
    } else {
        while let Some(row) = reader.next_row().map_err(reason)? {
            square.push(row.data());
        }
    }
    let (side, pixels) = square.finish();
    let picture = match colour {
        ColorType::Grayscale => GrayImage::from_raw(side, side, pixels).map(DynamicImage::from),
        ColorType::GrayscaleAlpha => {
            GrayAlphaImage::from_raw(side, side, pixels).map(DynamicImage::from)
        }
        ColorType::Rgb => RgbImage::from_raw(side, side, pixels).map(DynamicImage::from),
        ColorType::Rgba => RgbaImage::from_raw(side, side, pixels).map(DynamicImage::from),
        ColorType::Indexed => None,
    };
    Ok(Decoded { picture: picture.ok_or(Reason::Damaged)?, icc_profile })
}

fn reason(error: DecodingError) -> Reason {
    match error {
        DecodingError::IoError(_) => Reason::Truncated,
        DecodingError::LimitsExceeded => Reason::TooMuchMemory,
        _ => Reason::Damaged,
    }
}
