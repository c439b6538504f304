//! PNG: decoded row by row.

use std::io::Cursor;

use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use png::{ColorType, Decoder, DecodingError, Limits, Transformations};

use super::{Decoded, Reason, check_limits, orientation, shrink::Square};

/// Bytes that the decoder may use besides the pixels: rows, profiles, the state of deflate.
const MAX_DECODER_BYTES: usize = 8 << 20;
/// Bytes per pixel of an interlaced picture, which is decoded at once.
const INTERLACED_BYTES_PER_PIXEL: u64 = 4;

/// Decodes the square in the middle.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Reason> {
    let limits = Limits { bytes: MAX_DECODER_BYTES };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    // One byte per sample, palettes and transparent colours resolved.
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    let header = decoder.read_header_info().map_err(reason)?;
    let (width, height, is_interlaced) = (header.width, header.height, header.interlaced);
    let pixels = u64::from(width) * u64::from(height);
    let memory = if is_interlaced { pixels.saturating_mul(INTERLACED_BYTES_PER_PIXEL) } else { 0 };
    check_limits(width, height, memory)?;
    let mut reader = decoder.read_info().map_err(reason)?;
    if reader.info().animation_control.is_some() {
        return Err(Reason::Animated);
    }
    let colour = reader.output_color_type().0;
    let mut square = Square::new(width, height, colour.samples());
    if is_interlaced {
        let mut pixels = vec![0; reader.output_buffer_size().ok_or(Reason::TooMuchMemory)?];
        reader.next_frame(&mut pixels).map_err(reason)?;
        let row_bytes = width as usize * colour.samples();
        pixels.chunks_exact(row_bytes).for_each(|row| square.push(row));
    } else {
        while let Some(row) = reader.next_row().map_err(reason)? {
            square.push(row.data());
        }
    }
    // Exif may follow the pixels. A picture whose end is missing has none there.
    let _ = reader.finish();
    let info = reader.info();
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
    Ok(Decoded {
        picture: picture.ok_or(Reason::Damaged)?,
        icc_profile: info.icc_profile.as_ref().map(|profile| profile.to_vec()),
        orientation: orientation(info.exif_metadata.as_deref()),
    })
}

fn reason(error: DecodingError) -> Reason {
    match error {
        DecodingError::IoError(_) => Reason::Truncated,
        DecodingError::LimitsExceeded => Reason::TooMuchMemory,
        _ => Reason::Damaged,
    }
}
