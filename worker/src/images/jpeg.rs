//! JPEG: decoded at a fraction of its size.

use std::io::Read as _;

use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};

use super::{
    Decoded, MAX_MEMORY_BYTES, MAX_SCANS, Reason, SIZES_PX, check_memory, check_size, orientation,
    picture,
};

/// Markers (ITU-T T.81, table B.1).
const SOF_PROGRESSIVE: u8 = 0xc2;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;

/// Two continuations of a file without an end marker. The decoder reads the first as zeros.
const END: &[u8] = &[0xff, EOI];
const OTHER_END: &[u8] = b"long and varied, so that no missing pixel decodes as with zeros\xff\xd9";

/// What the markers say about the cost of decoding.
#[derive(Default)]
struct Outline {
    scans: usize,
    /// Coefficients that stay in memory until the last scan is decoded.
    coefficients: u64,
    has_end: bool,
}

impl Outline {
    /// Walks over the markers as the decoder does: skips coded data and stray bytes.
    fn of(bytes: &[u8]) -> Self {
        let mut outline = Self::default();
        let mut at = 2;
        while let Some((marker, body)) = next_marker(bytes, &mut at) {
            match marker {
                EOI => {
                    outline.has_end = true;
                    break;
                }
                SOF_PROGRESSIVE => outline.coefficients = samples(body).unwrap_or_default(),
                SOS => outline.scans += 1,
                _ => {}
            }
        }
        outline
    }
}

/// The next marker with its parameters; moves `at` behind them.
fn next_marker<'a>(bytes: &'a [u8], at: &mut usize) -> Option<(u8, &'a [u8])> {
    let rest = bytes.get(*at..)?;
    // In coded data, 0xff is followed by 0x00 or is a restart marker. Repeated 0xff are padding.
    let is_marker = |i: &usize| !matches!(rest.get(i + 1), None | Some(0 | 0xd0..=0xd7 | 0xff));
    let start = memchr::memchr_iter(0xff, rest).find(is_marker)?;
    let (marker, parameters) = (rest[start + 1], &rest[start + 2..]);
    *at += start + 2;
    if marker == EOI {
        return Some((marker, &[]));
    }
    let &[high, low, ..] = parameters else { return None };
    let length = usize::from(u16::from_be_bytes([high, low]));
    *at += length;
    Some((marker, parameters.get(2..length)?))
}

/// The samples of a frame: each component rounded up to whole units of 8 x 8 times its sampling
/// factors.
fn samples(frame_header: &[u8]) -> Option<u64> {
    let &[_precision, h1, h0, w1, w0, _components, ref table @ ..] = frame_header else {
        return None;
    };
    let factors: Vec<(u64, u64)> =
        table.chunks_exact(3).map(|row| ((row[1] >> 4).into(), (row[1] & 15).into())).collect();
    let across = factors.iter().map(|(across, _)| *across).max()?.max(1);
    let down = factors.iter().map(|(_, down)| *down).max()?.max(1);
    let per_unit: u64 = factors.iter().map(|(across, down)| across * down).sum();
    let width = u64::from(u16::from_be_bytes([w1, w0])).next_multiple_of(8 * across);
    let height = u64::from(u16::from_be_bytes([h1, h0])).next_multiple_of(8 * down);
    Some(width * height * per_unit / (across * down))
}

/// The part of its size at which a picture is decoded, in eighths: 1, 2, 4 or 8. The shorter side
/// stays at least as long as the largest rendition, if it was.
fn eighths(width: u32, height: u32) -> u32 {
    let shorter = width.min(height);
    let is_enough = |part: &u32| (shorter * part).div_ceil(8) >= SIZES_PX[0];
    [1, 2, 4].into_iter().find(is_enough).unwrap_or(8)
}

/// Decodes a picture at a fraction of its size.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Reason> {
    let outline = Outline::of(bytes);
    if outline.scans > MAX_SCANS {
        return Err(Reason::TooManyScans);
    }
    if outline.has_end {
        return decode_with_end(bytes, END, &outline);
    }
    // Some programs write no end marker. If nothing else is missing, what follows has no influence. A
    // 0xff at the end would make a marker of what follows.
    let end = bytes.iter().rposition(|byte| *byte != 0xff).map_or(0, |last| last + 1);
    let bytes = &bytes[..end];
    let decoded = decode_with_end(bytes, END, &outline).map_err(truncated)?;
    let other = decode_with_end(bytes, OTHER_END, &outline).map_err(truncated)?;
    if decoded.picture == other.picture { Ok(decoded) } else { Err(Reason::Truncated) }
}

fn decode_with_end(bytes: &[u8], end: &[u8], outline: &Outline) -> Result<Decoded, Reason> {
    let mut decoder = Decoder::new(bytes.chain(end));
    decoder.set_max_decoding_buffer_size(MAX_MEMORY_BYTES as usize);
    decoder.read_info().map_err(reason)?;
    let info = decoder.info().ok_or(Reason::Damaged)?;
    if info.coding_process == CodingProcess::Lossless {
        return Err(Reason::Unsupported);
    }
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    check_size(width, height)?;
    let part = eighths(width, height);
    let scaled = u64::from(width * part / 8 + 1) * u64::from(height * part / 8 + 1);
    // Coefficients have two bytes. Planes and their interleaved copy have four components at most.
    check_memory(2 * outline.coefficients + 8 * scaled)?;
    // The decoder stops scaling when one of two lengths is reached; only the shorter one counts here.
    let enough = SIZES_PX[0] as u16;
    let (across, down) = if width <= height { (enough, u16::MAX) } else { (u16::MAX, enough) };
    let (width, height) = decoder.scale(across, down).map_err(reason)?;
    let pixels = decoder.decode().map_err(reason)?;
    let (samples, pixels) = match info.pixel_format {
        PixelFormat::L8 => (1, pixels),
        PixelFormat::RGB24 => (3, pixels),
        PixelFormat::CMYK32 => (3, from_cmyk(&pixels)),
        PixelFormat::L16 => return Err(Reason::Unsupported),
    };
    Ok(Decoded {
        picture: picture(width.into(), height.into(), samples, pixels)?,
        icc_profile: decoder.icc_profile().filter(|_| info.pixel_format != PixelFormat::CMYK32),
        orientation: orientation(decoder.exif_data()),
    })
}

/// Approximates the colours: exact ones would need the profile of the press.
fn from_cmyk(pixels: &[u8]) -> Vec<u8> {
    let ink = |ink: u8, black: u8| {
        let light = u32::from(255 - ink) * u32::from(255 - black);
        (light / 255) as u8
    };
    pixels
        .chunks_exact(4)
        .flat_map(|p| [ink(p[0], p[3]), ink(p[1], p[3]), ink(p[2], p[3])])
        .collect()
}

/// The reason for a file without an end marker: the decoder may read into the continuation.
fn truncated(reason: Reason) -> Reason {
    if reason == Reason::Damaged { Reason::Truncated } else { reason }
}

fn reason(error: jpeg_decoder::Error) -> Reason {
    match error {
        jpeg_decoder::Error::Unsupported(_) => Reason::Unsupported,
        jpeg_decoder::Error::Io(_) => Reason::Truncated,
        _ => Reason::Damaged,
    }
}
