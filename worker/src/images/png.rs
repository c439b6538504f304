//! PNG: decoded at once.

use std::io::Cursor;

use png::{Decoder, DecodingError, Limits, Transformations};

use super::{Decoded, Reason, check_memory, check_size, orientation, picture};

/// Bytes that the decoder may use besides the pixels: rows, profiles, the state of deflate.
const MAX_DECODER_BYTES: usize = 8 << 20;
/// Bytes per decoded pixel, at most.
const BYTES_PER_PIXEL: u64 = 4;

/// Decodes a picture.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Reason> {
    let limits = Limits { bytes: MAX_DECODER_BYTES };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    // One byte per sample, palettes and transparent colours resolved.
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    let (width, height) = decoder.read_header_info().map_err(reason)?.size();
    check_memory(BYTES_PER_PIXEL * check_size(width, height)?)?;
    let mut reader = decoder.read_info().map_err(reason)?;
    if reader.info().animation_control.is_some() {
        return Err(Reason::Animated);
    }
    let mut pixels = vec![0; reader.output_buffer_size().ok_or(Reason::TooMuchMemory)?];
    reader.next_frame(&mut pixels).map_err(reason)?;
    // Exif may follow the pixels. A picture whose end is missing has none there.
    let _ = reader.finish();
    let info = reader.info();
    Ok(Decoded {
        picture: picture(width, height, reader.output_color_type().0.samples(), pixels)?,
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
